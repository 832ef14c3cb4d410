package import Foundation
internal import FoundationNetworking
internal import Synchronization

/// A POST to a receiver.
package struct WebhookRequest: Sendable {
    package var url: URL
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(url: URL, headers: [(name: String, value: String)], body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A receiver's answer: its head. The body is read, within a bound, only to leave the connection usable.
package struct WebhookResponse: Sendable, Hashable {
    package var status: Int
    package var retryAfter: String?

    package init(status: Int, retryAfter: String?) {
        self.status = status
        self.retryAfter = retryAfter
    }
}

/// Sends requests with URLSession (libcurl underneath): no redirects, no cookies, no cache, no more of an answer than 4
/// KiB.
final class WebhookClient: Sendable {
    /// How a request ended; nil where it was cut off before a status came.
    enum Ending: Sendable {
        case response(WebhookResponse)
        case failed(FailureReason)
    }

    static let answerLimit = 4_096

    private let delegate = ExchangeDelegate()
    private let session: URLSession
    private let attemptSeconds: Double

    init(attemptSeconds: Int64) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.timeoutIntervalForRequest = Double(attemptSeconds)
        self.attemptSeconds = Double(attemptSeconds)
        session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil)
    }

    /// Starts a request. `done` is called once, on some thread, unless the request is abandoned first.
    /// - Returns: the request's number, for `abandon`.
    func start(_ request: WebhookRequest, done: @Sendable @escaping (Ending) -> Void) -> Int {
        var message = URLRequest(url: request.url, timeoutInterval: attemptSeconds)
        message.httpMethod = "POST"
        message.httpBody = Data(request.body)
        for header in request.headers { message.setValue(header.value, forHTTPHeaderField: header.name) }
        let task = session.dataTask(with: message)
        delegate.begin(task, done: done)
        task.resume()
        return task.taskIdentifier
    }

    /// Cuts a request off; its `done` is not called any more.
    /// - Returns: the answer's head, where it had come already.
    func abandon(_ number: Int) -> WebhookResponse? {
        delegate.abandon(number)
    }

    /// Cuts off all requests. The client is of no use afterwards.
    func close() { session.invalidateAndCancel() }
}

/// Collects what comes back, by task.
private final class ExchangeDelegate: NSObject, URLSessionDataDelegate {
    private struct Exchange {
        var task: URLSessionTask
        var bytes = 0
        var response: WebhookResponse?
        var done: @Sendable (WebhookClient.Ending) -> Void
    }

    private let exchanges = Mutex<[Int: Exchange]>([:])

    func begin(_ task: URLSessionTask, done: @Sendable @escaping (WebhookClient.Ending) -> Void) {
        exchanges.withLock { $0[task.taskIdentifier] = Exchange(task: task, done: done) }
    }

    func abandon(_ number: Int) -> WebhookResponse? {
        guard let exchange = exchanges.withLock({ $0.removeValue(forKey: number) }) else { return nil }
        exchange.task.cancel()
        return exchange.response
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        note(response, of: task)
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        note(response, of: dataTask)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLong = exchanges.withLock { exchanges in
            exchanges[dataTask.taskIdentifier]?.bytes += data.count
            return exchanges[dataTask.taskIdentifier].map { $0.bytes > WebhookClient.answerLimit } ?? false
        }
        guard isTooLong else { return }
        finish(dataTask, failure: .connection)
        dataTask.cancel()
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let response = task.response { note(response, of: task) }
        // Of the error only its kind is kept: its text holds the URL.
        let isTimeout = (error as? URLError)?.code == .timedOut
        finish(task, failure: isTimeout ? .timeout : .connection)
    }

    private func note(_ response: URLResponse, of task: URLSessionTask) {
        guard let head = response as? HTTPURLResponse else { return }
        let answer = WebhookResponse(
            status: head.statusCode, retryAfter: head.value(forHTTPHeaderField: "Retry-After"))
        exchanges.withLock { $0[task.taskIdentifier]?.response = answer }
    }

    /// A status that came is the answer, whatever befell the body behind it.
    private func finish(_ task: URLSessionTask, failure: FailureReason) {
        guard let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        exchange.done(exchange.response.map { .response($0) } ?? .failed(failure))
    }
}
