import FlowModel
import Foundation
import Testing
import Topology

/// Templates that ask for too much end in a problem; a template's order of members decides nothing.
@Suite struct TemplateLimitTests {
    private func loop(_ count: Int, _ inner: String) -> String {
        "{\"copy\": [{\"name\": \"x\", \"count\": \(count), \"input\": \(inner)}]}"
    }

    private func nested(_ depth: Int) -> String {
        (1...depth).reduce(TemplateFixture.vnet("v")) { inner, level in
            TemplateFixture.nested("d\(level)", "\"resources\": [\(inner)]")
        }
    }

    @Test(arguments: [(63, true), (64, false), (5_000, false)])
    func expressionsNestToALimit(depth: Int, isRead: Bool) throws {
        let calls = String(repeating: "concat(", count: depth) + "'a'" + String(repeating: ")", count: depth)
        #expect((try TemplateFixture.value("[\(calls)]").value != nil) == isRead)
        let members = String(repeating: ".a", count: depth)
        let problem = try TemplateFixture.value("[variables('x')\(members)]").problem
        #expect(problem?.hasPrefix("cannot be known from a template: ") == true)
    }

    @Test func variablesThatDoubleEndSoon() throws {
        for function in ["concat", "createArray"] {
            let variables = (1...150).map {
                "\"v\($0)\": \"[\(function)(variables('v\($0 - 1)'), variables('v\($0 - 1)'))]\""
            }
            let seed = function == "concat" ? "\"0123456789\"" : "[1]"
            let members = "\"variables\": {\"v0\": \(seed), \(variables.joined(separator: ", "))}"
            for name in ["v20", "v150"] {
                let expressions = [
                    "variables('\(name)')", "equals(variables('\(name)'), createArray(variables('\(name)')))",
                    "string(variables('\(name)'))", "equals(variables('\(name)'), variables('\(name)'))",
                ]
                for expression in expressions {
                    var limits = TemplateLimits()
                    limits.steps = 20_000
                    let reader = try TemplateFixture.read(
                        TemplateFixture.template(
                            "\(members), \"resources\": [\(TemplateFixture.vnet("r", "{\"v\": \"[\(expression)]\"}"))]"),
                        limits: limits)
                    #expect(reader.resources.count == 1, "\(function) \(expression)")
                }
            }
        }
    }

    @Test(arguments: [
        "replace(variables('long'), 'a', variables('long'))", "join(range(0, 10000), variables('long'))",
        "padLeft('x', 2000000000)", "concat(variables('long'), variables('long'))",
        "format('{0}{0}', variables('long'))", "padLeft('x', 131000, 'a\u{301}\u{301}')",
    ])
    func textsGrowToALimit(expression: String) throws {
        let long = String(repeating: "a", count: 131_000)
        let (value, problem) = try TemplateFixture.value("[\(expression)]", "\"variables\": {\"long\": \"\(long)\"}")
        #expect(value == nil && problem != nil)
    }

    @Test func loopsInLoopsEndAtTheLimitOfSteps() throws {
        var limits = TemplateLimits()
        limits.steps = 100_000
        let reader = try TemplateFixture.read(
            TemplateFixture.template(
                "\"resources\": [\(TemplateFixture.vnet("v", loop(800, loop(800, loop(800, loop(800, "1"))))))]"),
            limits: limits)
        #expect(reader.resources.count == 1)
        #expect(reader.problems.contains { $0.problem.contains("more than 100000 values") })
    }

    @Test(arguments: [(10, true), (11, false)])
    func resourcesAreCountedToALimit(count: Int, isWhole: Bool) throws {
        var limits = TemplateLimits()
        limits.resources = 10
        let vnets = TemplateFixture.vnet(
            "[concat('v', copyIndex())]", "{}", "\"copy\": {\"name\": \"x\", \"count\": \(count)}")
        let reader = try TemplateFixture.read(TemplateFixture.template("\"resources\": [\(vnets)]"), limits: limits)
        #expect(reader.resources.count == 10)
        #expect(reader.problems.isEmpty == isWhole)
    }

    @Test(arguments: [(10, true), (11, false)])
    func problemsAreCountedToALimit(count: Int, isWhole: Bool) throws {
        var limits = TemplateLimits()
        limits.problems = 10
        let loop = "{\"copy\": [{\"name\": \"zones\", \"count\": \(count), \"input\": \"[parameters('p')]\"}]}"
        let reader = try TemplateFixture.read(
            TemplateFixture.template("\"resources\": [\(TemplateFixture.vnet("v", loop))]"), limits: limits)
        #expect(reader.problems.count == 10)
        #expect(reader.notUnderstood.isEmpty == isWhole)
    }

    @Test(arguments: [(16, true), (17, false), (60, false)])
    func deploymentsNestToALimit(depth: Int, isRead: Bool) throws {
        let reader = try TemplateFixture.read(resources: nested(depth))
        #expect(reader.resources.isEmpty != isRead)
        #expect(reader.problems.isEmpty == isRead)
    }

    @Test func valuesNestToALimit() throws {
        let deep = String(repeating: "{\"a\":", count: 220) + "1" + String(repeating: "}", count: 220)
        let reader = try TemplateFixture.read(resources: TemplateFixture.vnet("v", deep))
        #expect(reader.resources.count == 1)
        #expect(reader.problems.contains { $0.problem.contains("deep") })
        #expect(try TemplateFixture.value("[variables('d').a.a]", "\"variables\": {\"d\": \(deep)}").value != nil)
    }

    /// A value that is made step by step nests as deep as there are steps, and is taken apart in one go.
    @Test(arguments: [(100, true), (10_000, false)])
    func valuesThatAreMadeNestToALimit(turns: Int, isRead: Bool) throws {
        let body = "createArray(lambdaVariables('a'))"
        let (value, problem) = try TemplateFixture.value(
            "[length(reduce(range(0, \(turns)), 0, lambda('a', 'b', \(body))))]")
        #expect((value != nil && problem == nil) == isRead)
        guard !isRead else { return }
        #expect(problem == "the template holds values more than 200 deep: what lies beyond is not read")
    }

    @Test func variablesThatWrapOneAnotherNestToALimit() throws {
        let variables = (1...2_000).map { level in
            let (number, inner) = (10_000 + level, 9_999 + level)
            return "\"v\(number)\": {\"a\": \"[variables('v\(inner)')]\"}"
        }
        // In this order each finds the one before it evaluated already.
        let members = (1...2_000).map { "\"m\(10_000 + $0)\": \"[length(variables('v\(10_000 + $0)'))]\"" }
        let reader = try TemplateFixture.read(
            TemplateFixture.template(
                "\"variables\": {\"v10000\": 1, \(variables.joined(separator: ","))}, "
                    + "\"resources\": [\(TemplateFixture.vnet("r", "{\(members.joined(separator: ","))}"))]"))
        #expect(reader.resources.first?["properties"]?["m10100"]?.integer == 1)
        #expect(reader.problems.contains { $0.problem.contains("values more than 200 deep") })
    }

    @Test(arguments: [
        "map(range(0, 200), lambda('i', padLeft('x', 1000)))",
        "map(range(0, 200), lambda('i', range(0, 1000)))",
        "map(range(0, 200), lambda('i', split(variables('text'), ',')))",
        "map(range(0, 200), lambda('i', json(variables('text'))))",
    ])
    func whatFunctionsMakeIsCountedToALimit(expression: String) throws {
        let text = "[[" + Array(repeating: "1", count: 1_000).joined(separator: ",") + "]]"
        var limits = TemplateLimits()
        limits.madeBytes = 100_000
        let reader = try TemplateFixture.read(
            TemplateFixture.template(
                "\"variables\": {\"text\": \"[\(text)\"}, "
                    + "\"resources\": [\(TemplateFixture.vnet("r", "{\"v\": \"[\(expression)]\"}"))]"),
            limits: limits)
        #expect(reader.resources.count == 1)
        #expect(
            reader.problems.contains {
                $0.resource == "t.json"
                    && $0.problem
                        == "the template's functions make more than 100000 bytes: what lies beyond is not known"
            })
    }

    /// Arguments that cannot be known are evaluated once: twice at each level would be 2^60 times.
    @Test(arguments: [("coalesce(", ", 'a')"), ("map(", ", lambda('x', 1))"), ("mapValues(", ", lambda('x', 1))")])
    func callsInCallsTakeOneStepEach(open: String, close: String) throws {
        var limits = TemplateLimits()
        limits.steps = 1_000
        let calls = String(repeating: open, count: 60) + "parameters('p')" + String(repeating: close, count: 60)
        let reader = try TemplateFixture.read(
            TemplateFixture.template(
                "\"parameters\": {\"p\": {\"type\": \"array\"}}, "
                    + "\"resources\": [\(TemplateFixture.vnet("r", "{\"mode\": \"[\(calls)]\"}"))]"),
            limits: limits)
        #expect(reader.problems.map(\.field) == ["properties.mode"])
    }

    @Test func deploymentsThatAwaitOneAnotherEnd() throws {
        func deployment(_ name: String, _ other: String) -> String {
            TemplateFixture.nested(
                name,
                "\"parameters\": {\"p\": {\"type\": \"string\"}}, "
                    + "\"resources\": [\(TemplateFixture.vnet("[concat('\(name)-', parameters('p'))]"))], "
                    + "\"outputs\": {\"o\": {\"type\": \"string\", \"value\": \"[parameters('p')]\"}}",
                parameters: "{\"p\": {\"value\": \"[reference('\(other)').outputs.o.value]\"}}")
        }
        let reader = try TemplateFixture.read(resources: deployment("a", "b") + "," + deployment("b", "a"))
        #expect(reader.resources.count == 2)
        #expect(Set(reader.ids).count == 2)
    }

    @Test(arguments: [
        "[]", "{\"a\": 1}", "[1, null, \"x\", {}]", "[{\"type\": 1, \"name\": []}]",
        "[{\"type\": \"a\", \"name\": \"\"}]",
        "[{\"type\": \"[x(]\", \"name\": \"[\"}]",
        "[{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"/\"}]",
        "[{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"d\"}]",
        "[{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"d\", \"properties\": {\"template\": 3}}]",
        "[{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"v\", \"copy\": [], \"properties\": \"[[x\"}]",
    ])
    func nonsenseIsRead(resources: String) throws {
        let reader = try TemplateFixture.read(
            TemplateFixture.template("\"parameters\": 3, \"variables\": [], \"resources\": \(resources)"))
        #expect(reader.resources.count <= 1)
    }

    @Test func aTemplateIsReadTheSameEachTime() throws {
        let text = TemplateFixture.template(
            """
            "languageVersion": "2.0", "parameters": {"p": {"type": "object"}}, "resources": {
            \((0..<40).map { "\"r\($0)\": " + TemplateFixture.vnet("v\($0)", "{\"mode\": \"[parameters('p').x]\", \"b\": {\"c\": 1}}") }
                .joined(separator: ","))}
            """)
        let first = try TemplateFixture.read(text)
        #expect(first.resources.count == 40 && first.problems.count == 40)
        for _ in 0..<5 {
            let again = try TemplateFixture.read(text)
            #expect(again.resources == first.resources && again.problems == first.problems)
        }
    }
}
