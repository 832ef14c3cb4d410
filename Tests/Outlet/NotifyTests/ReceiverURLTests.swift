import Notify
import Testing

@Suite struct ReceiverURLTests {
    @Test(arguments: [
        "https://alerts.example.com/hook", "http://127.0.0.1:8080/", "http://10.1.2.3/x", "https://[fd00::1]:8443/x",
        "https://192.0.2.1", "https://169.253.255.255/", "http://168.63.129.15/", "http://localhost:9000/x?token=abc",
    ])
    func takes(text: String) throws {
        _ = try ReceiverURL(text, receiver: "ops")
    }

    @Test(arguments: [
        "", "alerts.example.com", "ftp://alerts.example.com/", "file:///etc/passwd", "https:///x",
        "https://user@alerts.example.com/", "https://user:secret@alerts.example.com/", "http://169.254.169.254/latest",
        "http://169.254.0.0/", "http://168.63.129.16/", "http://0xa9fea9fe/", "http://2852039166/",
        "http://0251.0376.0251.0376/", "http://[::ffff:169.254.169.254]/", "http://[fe80::1]/", "http://0.0.0.0/",
        "http://[::]/", "http://224.0.0.1/", "http://[fd00:ec2::254]/", "http://100.100.100.200/",
    ])
    func refuses(text: String) {
        let error = #expect(throws: NotifyError.self) { try ReceiverURL(text, receiver: "ops") }
        #expect(error?.code == .url)
        #expect(error.map { "\($0)".contains("secret") } == false)
    }

    @Test func printsNothingThatMayBeSecret() throws {
        let url = try ReceiverURL("https://alerts.example.com:8443/services/T0/B0?sig=abc", receiver: "ops")
        #expect("\(url)" == "https://alerts.example.com:8443/…")
        #expect("\(try ReceiverURL("http://10.0.0.1/", receiver: "ops"))" == "http://10.0.0.1")
    }

    @Test func anUnknownTypeListsTheKnownOnes() {
        let configuration = ReceiverConfiguration(
            name: "ops", type: "pigeon", url: "https://alerts.example.com/", secretFile: nil)
        let error = #expect(throws: NotifyError.self) { try makeReceiver(configuration) }
        #expect(error?.code == .type)
        #expect(error?.hint?.contains("generic") == true)
    }
}
