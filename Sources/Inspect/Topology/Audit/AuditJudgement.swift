internal import FlowModel

/// What is judged of one client and one address of a private endpoint, in a network as it is or as it would be.
struct AuditJudgement {
    var verdict: AuditPair.Verdict
    var why: String
    /// Lower-cased ids of devices on the way of the opening.
    var devices: [String]
    /// Inspecting devices that get the answer.
    var answeringDevices: [String]
    /// Whether it is known who stands on the way.
    var isWayKnown: Bool
    var confidence: Confidence
    var restsOn: [String]

    init(network: Network, from client: Place, to endpoint: Place) {
        let answer = Explainer(network: network, from: client, to: endpoint, ipProtocol: IPProtocol.tcp)
            .verdictInWords()
        let arrives = answer.forward.last?.kind == .privateEndpoint
        switch (answer.works, answer.inspected) {
        case (false?, _): verdict = .broken
        case (true?, true?): verdict = .inspected
        case (true?, false?): verdict = .bypassed
        case (nil, false?) where arrives: verdict = .bypassed
        default: verdict = .unknown
        }
        why = answer.why
        devices = answer.sees.filter { $0.forward == true && network.appliances[$0.vantage] != nil }.map(\.vantage)
        answeringDevices = answer.backInspectors
        isWayKnown = answer.inspected != nil
        confidence = answer.confidence
        restsOn = answer.restsOn
    }
}
