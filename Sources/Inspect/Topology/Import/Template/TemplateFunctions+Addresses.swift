internal import FlowModel

/// [learn: azure-resource-manager/templates/template-functions-cidr]
extension TemplateFunctions {
    static let addresses: [String: Function] = [
        "parsecidr": { arguments, _ in prefix(arguments).map(parsed) },
        "cidrsubnet": { arguments, _ in
            guard arguments.count == 3, let prefix = prefix(arguments), let length = arguments[1].integer,
                let index = arguments[2].integer, length >= prefix.length, length <= (prefix.isIPv4 ? 32 : 128)
            else { return nil }
            guard index >= 0, length - prefix.length >= 63 || index < 1 << (length - prefix.length) else { return nil }
            let bits = (prefix.isIPv4 ? 32 : 128) - length
            guard let start = prefix.address.advanced(by: UInt64(index), shift: bits) else { return nil }
            return IPPrefix(start, length: length).map { .text($0.description) }
        },
        "cidrhost": { arguments, _ in
            guard arguments.count == 2, let prefix = prefix(arguments), let index = arguments[1].integer, index >= 0,
                index < .max
            else { return nil }
            // Index 0 is the first host, the address after the network's own.
            guard let host = prefix.address.advanced(by: UInt64(index) + 1, shift: 0), prefix.contains(host) else {
                return nil
            }
            return .text(host.description)
        },
    ]

    private static func prefix(_ arguments: [TemplateValue]) -> IPPrefix? {
        guard let text = arguments.first?.text, text.contains("/") else { return nil }
        return IPPrefix(text)
    }

    private static func parsed(_ prefix: IPPrefix) -> TemplateValue {
        let ones = IPAddress(upper: .max, lower: .max).masked(to: prefix.mappedLength)
        let last = IPAddress(
            upper: prefix.address.upper | ~ones.upper, lower: prefix.address.lower | ~ones.lower)
        var object = TemplateObject()
        object["network"] = .text(prefix.address.description)
        object["netmask"] = .text(
            prefix.isIPv4 ? IPAddress(ipv4: ones.ipv4Bits).description : ones.description)
        var usable = (first: prefix.address, last: last)
        if prefix.isIPv4 {
            object["broadcast"] = .text(last.description)
            if prefix.length < 31 {
                usable = (IPAddress(ipv4: prefix.address.ipv4Bits + 1), IPAddress(ipv4: last.ipv4Bits - 1))
            }
        }
        object["firstUsable"] = .text(usable.first.description)
        object["lastUsable"] = .text(usable.last.description)
        object["cidr"] = .number(Double(prefix.length))
        return .object(object)
    }
}

extension IPAddress {
    /// The address `count << shift` further on; nil past the end of its family.
    fileprivate func advanced(by count: UInt64, shift: Int) -> IPAddress? {
        let upperStep: UInt64 = shift >= 64 ? count << UInt64(shift - 64) : shift == 0 ? 0 : count >> UInt64(64 - shift)
        let lowerStep: UInt64 = shift >= 64 ? 0 : count << UInt64(shift)
        let (lower, carry) = lower.addingReportingOverflow(lowerStep)
        let (upper, isOver) = upper.addingReportingOverflow(upperStep)
        let (carried, isPast) = upper.addingReportingOverflow(carry ? 1 : 0)
        let address = IPAddress(upper: carried, lower: lower)
        return isOver || isPast || address.isIPv4 != isIPv4 ? nil : address
    }
}
