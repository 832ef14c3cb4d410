import Foundation
import Notify
import Testing

@Suite struct WebhookSignatureTests {
    /// The vector of the Standard Webhooks libraries.
    @Test func signsAsTheStandardSays() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", receiver: "ops")
        let signature = webhookSignature(
            secret: secret, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func theKeyOfRawTextIsItsBytes() throws {
        // The same key, once decoded and once as it is.
        let key = String(repeating: "k", count: 32)
        let encoded = try WebhookSecret("whsec_" + Data(key.utf8).base64EncodedString() + "\n", receiver: "ops")
        let unpadded = try WebhookSecret(
            "whsec_" + Data(key.utf8).base64EncodedString().replacing("=", with: ""), receiver: "ops")
        let raw = try WebhookSecret(" \(key)\r\n", receiver: "ops")
        let signatures = [encoded, unpadded, raw].map { secret in
            webhookSignature(secret: secret, id: "a", timestamp: 1, body: [])
        }
        #expect(Set(signatures).count == 1)
    }

    @Test(arguments: [
        "", " \n", "whsec_", "whsec_!!!!", "whsec_" + Data(repeating: 7, count: 23).base64EncodedString(),
        "whsec_" + Data(repeating: 7, count: 65).base64EncodedString(),
    ])
    func refusesWhatIsNoSecret(text: String) {
        let error = #expect(throws: NotifyError.self) { try WebhookSecret(text, receiver: "ops") }
        #expect(error?.code == .secret)
        #expect(error?.place == "ops")
    }

    @Test(arguments: [24, 64])
    func takesKeysOfTheStandardsLengths(length: Int) throws {
        _ = try WebhookSecret("whsec_" + Data(repeating: 7, count: length).base64EncodedString(), receiver: "ops")
    }

    @Test func aFileThatCannotBeReadIsNamed() {
        let error = #expect(throws: NotifyError.self) {
            try WebhookSecret(file: "/nonexistent/secret", receiver: "ops")
        }
        #expect(error?.message.contains("/nonexistent/secret") == true)
    }

    @Test func nothingPrintsASecret() throws {
        let secret = try WebhookSecret("open-sesame-open-sesame-open", receiver: "ops")
        #expect(!"\(secret)".contains("sesame"))
        #expect(!String(reflecting: secret).contains("sesame"))
    }
}
