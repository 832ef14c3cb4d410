extension TemplateFunctions {
    static let numbers: [String: Function] = [
        "true": { _, _ in .bool(true) },
        "false": { _, _ in .bool(false) },
        "null": { _, _ in .null },
        "not": { arguments, _ in arguments.first?.flag.map { .bool(!$0) } },
        "xor": { arguments, _ in
            guard arguments.count == 2, let one = arguments[0].flag, let other = arguments[1].flag else { return nil }
            return .bool(one != other)
        },
        "equals": { arguments, _ in
            guard arguments.count == 2 else { return nil }
            var budget = comparisonBudget
            return same(arguments[0], arguments[1], budget: &budget).map(TemplateValue.bool)
        },
        "greater": { arguments, _ in compared(arguments, { $0 > $1 }, { $0 > $1 }) },
        "greaterorequals": { arguments, _ in compared(arguments, { $0 >= $1 }, { $0 >= $1 }) },
        "less": { arguments, _ in compared(arguments, { $0 < $1 }, { $0 < $1 }) },
        "lessorequals": { arguments, _ in compared(arguments, { $0 <= $1 }, { $0 <= $1 }) },
        "int": { arguments, _ in
            switch arguments.first {
            case .number(let number)?: .number(number.rounded(.towardZero))
            case .text(let text)?: Int(text).map { .number(Double($0)) }
            default: nil
            }
        },
        "float": { arguments, _ in
            switch arguments.first {
            case .number(let number)?: .number(number)
            case .text(let text)?: Double(text).map(TemplateValue.number)
            default: nil
            }
        },
        "bool": { arguments, _ in
            switch arguments.first {
            case .number(let number)?: .bool(number != 0)
            case .text("1")?: .bool(true)
            case .text("0")?: .bool(false)
            case let value?: value.flag.map(TemplateValue.bool)
            case nil: nil
            }
        },
        "add": { arguments, _ in computed(arguments) { $0.addingReportingOverflow($1) } },
        "sub": { arguments, _ in computed(arguments) { $0.subtractingReportingOverflow($1) } },
        "mul": { arguments, _ in computed(arguments) { $0.multipliedReportingOverflow(by: $1) } },
        "div": { arguments, _ in computed(arguments) { $0.dividedReportingOverflow(by: $1) } },
        "mod": { arguments, _ in computed(arguments) { $0.remainderReportingOverflow(dividingBy: $1) } },
        "min": { arguments, _ in whole(arguments)?.min().map { .number(Double($0)) } },
        "max": { arguments, _ in whole(arguments)?.max().map { .number(Double($0)) } },
    ]

    private static func compared(
        _ arguments: [TemplateValue], _ numbers: (Double, Double) -> Bool, _ texts: (String, String) -> Bool
    ) -> TemplateValue? {
        guard arguments.count == 2 else { return nil }
        switch (arguments[0], arguments[1]) {
        case (.number(let left), .number(let right)): return .bool(numbers(left, right))
        case (.text(let left), .text(let right)): return .bool(texts(left, right))
        default: return nil
        }
    }

    private static func computed(
        _ arguments: [TemplateValue], _ compute: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) -> TemplateValue? {
        guard arguments.count == 2, let left = arguments[0].integer, let right = arguments[1].integer else {
            return nil
        }
        let (result, isOverflow) = compute(left, right)
        return isOverflow ? nil : .number(Double(result))
    }

    private static func whole(_ arguments: [TemplateValue]) -> [Int]? {
        let values = arguments.count == 1 ? arguments[0].array ?? arguments : arguments
        let numbers = values.compactMap(\.integer)
        return numbers.count == values.count ? numbers : nil
    }
}
