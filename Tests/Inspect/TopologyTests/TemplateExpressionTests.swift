import FlowModel
import Foundation
import Testing
import Topology

/// The expression language, as tables of expression and value.
@Suite struct TemplateExpressionTests {
    private static let members = """
        "parameters": {"word": {"type": "string", "defaultValue": "Alpha"}, "free": {"type": "string"},
            "other": {"type": "string"}, "count": {"type": "int"}, "shape": {"type": "object"},
            "flag": {"type": "bool", "defaultValue": false}, "key": {"type": "secureString", "defaultValue": "hunter2"}},
        "variables": {"list": ["a", "b", "c"], "deep": {"One": {"two": [1, {"Three": "x"}]}}, "empty": [],
            "copy": [{"name": "squares", "count": 4, "input": "[mul(copyIndex('squares'), copyIndex('squares', 0))]"}],
            "inner": {"copy": [{"name": "names", "count": 2, "input": {"n": "[format('n{0}', copyIndex('names', 1))]"}}]}}
        """

    @Test(arguments: [
        ("plain", "plain"), ("[[literal]", "[literal]"), ("[open", "[open"), ("['it''s']", "it's"),
        ("[ concat ( 'a' , 'b' ) ]", "ab"), ("[concat('a', 1, true())]", "a1True"),
        ("[CONCAT('x', Parameters('WORD'))]", "xAlpha"), ("[variables('list')[1]]", "b"),
        ("[variables('deep').one.TWO[1].three]", "x"), ("[variables('deep')['one']['two'][1]['Three']]", "x"),
        ("[variables('inner').names[1].n]", "n2"), ("[format('{0}-{1:D3}-{{x}}', 'a', 7)]", "a-007-{x}"),
        ("[format('{0:X}', 255)]", "FF"), ("[toLower('AbC')]", "abc"), ("[toUpper('AbC')]", "ABC"),
        ("[trim('  a b ')]", "a b"), ("[replace('a.b.c', '.', '--')]", "a--b--c"), ("[substring('abcdef', 2)]", "cdef"),
        ("[substring('abcdef', 1, 3)]", "bcd"), ("[take('abc', 9)]", "abc"), ("[skip('abc', 1)]", "bc"),
        ("[first('abc')]", "a"), ("[last('abc')]", "c"), ("[last(split('a/b/c', '/'))]", "c"),
        ("[split('a-b.c', createArray('-', '.'))[2]]", "c"), ("[join(variables('list'), ', ')]", "a, b, c"),
        ("[padLeft(7, 3, '0')]", "007"), ("[if(parameters('flag'), 'yes', 'no')]", "no"),
        ("[if(false(), variables('list')[9], 'safe')]", "safe"), ("[coalesce(null(), 'b', 'c')]", "b"),
        ("[string(createObject('a', 1))]", "{\"a\":1}"), ("[json('{\"k\":[\"v\"]}').k[0]]", "v"),
        ("[min(3, 1, 2)]x", "[min(3, 1, 2)]x"), ("[cidrSubnet('10.0.0.0/16', 24, 255)]", "10.0.255.0/24"),
        ("[cidrSubnet('fd00::/48', 52, 4)]", "fd00:0:0:4000::/52"),
        ("[cidrSubnet('fd00::/48', 64, 65535)]", "fd00:0:0:ffff::/64"),
        ("[cidrHost('10.9.8.0/24', 0)]", "10.9.8.1"), ("[cidrHost('10.9.8.0/24', 3)]", "10.9.8.4"),
        ("[cidrHost('fd00:1::/64', 1)]", "fd00:1::2"), ("[parseCidr('10.144.0.9/20').broadcast]", "10.144.15.255"),
        ("[parseCidr('10.144.0.0/20').netmask]", "255.255.240.0"),
        ("[parseCidr('10.144.0.0/20').lastUsable]", "10.144.15.254"),
        ("[parseCidr('fd00:3::/48').lastUsable]", "fd00:3:0:ffff:ffff:ffff:ffff:ffff"),
        ("[items(createObject('b', 1, 'a', 2))[0].key]", "a"),
        ("[tryGet(variables('deep'), 'one', 'two', 1).Three]", "x"),
        ("[join(map(range(1, 3), lambda('i', format('s{0}', lambdaVariables('i')))), '+')]", "s1+s2+s3"),
        (
            "[reduce(variables('list'), '', lambda('a', 'b', concat(lambdaVariables('b'), lambdaVariables('a'))))]",
            "cba"
        ),
        (
            "[join(sort(createArray('b', 'c', 'a'), lambda('x', 'y', less(lambdaVariables('x'), lambdaVariables('y')))), '')]",
            "abc"
        ),
        ("[mapValues(createObject('k', 'v'), lambda('v', toUpper(lambdaVariables('v')))).K]", "V"),
        ("[toObject(variables('list'), lambda('e', lambdaVariables('e')), lambda('e', 'v')).b]", "v"),
    ])
    func textsAreEvaluated(expression: String, expected: String) throws {
        let (value, problem) = try TemplateFixture.value(expression, TemplateExpressionTests.members)
        #expect(value == .string(expected) && problem == nil, "\(expression): \(String(describing: value))")
    }

    @Test(arguments: [
        ("[length(variables('list'))]", 3.0), ("[length('four')]", 4), ("[variables('squares')[3]]", 9),
        ("[add(1, mul(2, sub(9, 4)))]", 11), ("[div(7, 2)]", 3), ("[mod(7, 4)]", 3), ("[max(createArray(1, 5, 2))]", 5),
        ("[int('12')]", 12), ("[indexOf('abcabc', 'C')]", 2), ("[lastIndexOf('abcabc', 'c')]", 5),
        ("[indexOf('a', 'x')]", -1),
        ("[range(5, 3)[2]]", 7), ("[-4]", -4), ("[length(union(createArray(1, 2), createArray(2, 3)))]", 3),
        ("[length(intersection(createArray(1, 2), createArray(2, 3)))]", 1), ("[parseCidr('10.0.0.0/20').cidr]", 20),
        ("[union(createObject('a', createObject('b', 1)), createObject('a', createObject('c', 2))).a.b]", 1),
        ("[length(filter(range(0, 9), lambda('i', greater(lambdaVariables('i'), 5))))]", 3),
        ("[length(flatten(createArray(createArray(1), createArray(2, 3))))]", 3),
        ("[length(createArray(parameters('free'), parameters('free')))]", 2),
    ])
    func numbersAreEvaluated(expression: String, expected: Double) throws {
        let (value, problem) = try TemplateFixture.value(expression, TemplateExpressionTests.members)
        #expect(value == .number(expected) && problem == nil, "\(expression): \(String(describing: value))")
    }

    @Test(arguments: [
        ("[not(parameters('flag'))]", true), ("[not('True')]", false), ("True", true), ("[bool('false')]", false),
        ("[equals(parameters('word'), 'Alpha')]", true), ("[equals('a', 'A')]", false), ("[equals(1, '1')]", false),
        ("[equals(variables('list'), createArray('a', 'b', 'c'))]", true), ("[greater(2, 1)]", true),
        ("[lessOrEquals(2, 1)]", false), ("[and(true(), not(false()))]", true), ("[or(false(), 'true')]", true),
        ("[empty('')]", true), ("[empty(variables('empty'))]", true), ("[empty(null())]", true),
        ("[empty('x')]", false),
        ("[contains('abc', 'b')]", true), ("[contains(variables('list'), 'B')]", false),
        ("[contains(variables('deep'), 'ONE')]", true), ("[startsWith('Abc', 'aB')]", true),
        ("[endsWith('Abc', 'x')]", false),
        // One side decides although the other is not known, and an unknown is equal to itself.
        ("[and(false(), parameters('free'))]", false), ("[and(equals(parameters('free'), 'x'), false())]", false),
        ("[or(equals(parameters('free'), 'x'), true())]", true),
        ("[equals(parameters('free'), parameters('FREE'))]", true),
        ("[contains(createArray(parameters('free'), 'x'), 'x')]", true),
        ("[if(parameters('count'), true(), true())]", true),
    ])
    func truthIsEvaluated(expression: String, expected: Bool) throws {
        let (value, problem) = try TemplateFixture.value(expression, TemplateExpressionTests.members)
        #expect(value == .bool(expected) && problem == nil, "\(expression): \(String(describing: value))")
    }

    /// What cannot be known is absent and said; above all it is neither true nor false, nor half a text.
    @Test(arguments: [
        "[parameters('free')]", "[concat('10.0.', parameters('free'))]", "[equals(parameters('free'), 'x')]",
        "[equals(parameters('free'), parameters('other'))]", "[not(parameters('count'))]", "[parameters('shape').a.b]",
        "[reference('nobody').ip]", "[listKeys('x', '2020-01-01').keys[0].value]", "[parameters('key')]",
        "[concat('p', parameters('key'))]", "[variables('missing')]", "[variables('list')[3]]",
        "[variables('deep').none]",
        "[and(true(), equals(parameters('free'), 'x'))]", "[contains(createArray(parameters('free')), 'x')]",
        "[substring('abc', 2, 5)]", "[div(1, 0)]", "[cidrSubnet('10.0.0.0/16', 24, 256)]",
        "[cidrSubnet('10.0.0.0/16', 8, 0)]",
        "[cidrHost('10.0.0.0/30', 4)]", "[parseCidr('10.0.0.0')]", "[format('{1}', 'a')]", "[int('ten')]",
        "[json('{')]",
        "[noSuchFunction(1)]", "[map(parameters('shape'), lambda('x', 1))]", "[map(variables('list'), 'x')]",
        "[filter(createArray(parameters('free')), lambda('x', equals(lambdaVariables('x'), 'a')))]",
        "[sort(createArray(parameters('free'), 'a'), lambda('x', 'y', less(lambdaVariables('x'), lambdaVariables('y'))))]",
        "[concat('a']", "[]", "['a' 'b']", "[a]", "[a.b.c()]", "[-]", "[concat(,)]", "['open]",
        "[utcNow()]", "[uniqueString(resourceGroup().id)]", "[length(parameters('free'))]",
        "[environment().suffixes.storage]",
        "[mul(9007199254740991, 9007199254740991)]", "[range(0, 10001)]",
    ])
    func whatCannotBeKnownIsAbsentAndSaid(expression: String) throws {
        let (value, problem) = try TemplateFixture.value(expression, TemplateExpressionTests.members)
        #expect(value == nil, "\(expression): \(String(describing: value))")
        #expect(problem?.hasPrefix("cannot be known from a template: ") == true, "\(expression)")
    }

    /// Names of parameters, variables and resources are shown, other texts may be secrets.
    @Test(arguments: [
        ("[concat('AccountKey=s3cret;', parameters('free'))]", "concat('…', parameters('free'))"),
        ("[reference('nobody').keys[0]['value']]", "reference('nobody').keys[0].value"),
        ("[variables('list')[add(1, 2)]]", "variables('list')[add(1, 2)]"),
        ("[parameters(concat('s3cret', parameters('free')))]", "parameters(concat('…', parameters('free')))"),
        ("['s3cret]", "what is no expression"), ("[json('{s3cret')]", "json('…')"),
    ])
    func whatIsShownOfAnExpressionHoldsNoTexts(expression: String, shown: String) throws {
        let (_, problem) = try TemplateFixture.value(expression, TemplateExpressionTests.members)
        #expect(problem == "cannot be known from a template: \(shown)")
    }

    @Test(arguments: [
        ("[createObject('mode', concat('s3cret', parameters('free')))]", "free…"),
        ("[createObject('mode', reference('r', 's3cret').x)]", "reference(…)"),
        ("[createObject('mode', parameters('count'))]", "count"),
    ])
    func whatIsShownOfAValueHoldsNoTexts(expression: String, shown: String) throws {
        let (_, problem) = try TemplateFixture.value(
            expression, key: "additionalProperties", TemplateExpressionTests.members)
        #expect(problem == "cannot be known from a template: \(shown)")
    }

    /// Nothing reads them, whatever stands in them.
    @Test func whatIsNotReadIsNotToldEither() throws {
        for properties in [
            "{\"v\": \"[concat('s3cret', parameters('free'))]\"}", "{\"v\": {\"mode\": \"[parameters('free')]\"}}",
            "{\"v\": [{\"mode\": \"[parameters('free')]\"}]}",
            "{\"v\": \"[createObject('mode', parameters('free'))]\"}",
            "{\"copy\": [{\"name\": \"v\", \"count\": \"[parameters('count')]\", \"input\": 1}]}",
        ] {
            let reader = try TemplateFixture.read(
                resources: TemplateFixture.vnet("r", properties), TemplateExpressionTests.members)
            #expect(reader.problems.isEmpty, "\(properties)")
        }
    }

    /// In names and ids the unknown part stands in braces, without a slash, the same wherever it is the same.
    @Test(arguments: [
        ("[parameters('free')]", "{free}"), ("[concat('vnet-', parameters('free'), '-', 1)]", "vnet-{free}-1"),
        ("[format('{0}/{1}', parameters('free'), 'x')]", "{free}/x"), ("[parameters('shape').name]", "{shape.name}"),
        ("[parameters('undeclared')]", "{undeclared}"), ("[toUpper(parameters('free'))]", "{FREE}"),
        ("[concat('a', reference('x/y').z)]", "a{reference('x|y').z}"), ("[resourceGroup().name]", "{resourcegroup}"),
        ("[concat('st', uniqueString('seed'))]", "st{uniqueString('seed')}"),
        ("[subscription().id]", "/subscriptions/{subscription}"),
        ("[substring(concat('pl', parameters('free')), 0, 5)]", "{substring(pl{free},0,5)}"),
        ("[split(resourceId('Microsoft.Network/virtualNetworks', parameters('free')), '/')[8]]", "{free}"),
        ("[last(split(resourceId('Microsoft.Network/virtualNetworks', 'v'), '/'))]", "v"),
        // A parameter may hold slashes of its own: where to split it is not known.
        ("[split(parameters('free'), '/')[8]]", "{split({free},'|')[8]}"),
    ])
    func namesKeepTheirUnknownParts(expression: String, expected: String) throws {
        let (value, _) = try TemplateFixture.value(expression, key: "name", TemplateExpressionTests.members)
        #expect(value?.string == expected, "\(expression): \(String(describing: value))")
    }

    @Test func aSecretsValueIsNowhere() throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet(
                "[parameters('key')]", "{\"x\": \"[parameters('key')]\", \"sharedKey\": \"[concat('abc', 'def')]\"}"),
            TemplateExpressionTests.members)
        #expect(reader.ids == [TemplateFixture.network + "/virtualNetworks/{key}"])
        #expect(!"\(reader.resources) \(reader.problems)".contains("hunter2"))
        #expect(!"\(reader.resources) \(reader.problems)".contains("abcdef"))
        #expect(reader.properties("{key}")?.object?.isEmpty == true)
    }

    @Test func aTypeThatIsDefinedElsewhereIsASecretToo() throws {
        let members = """
            "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"type": "securestring"}, "c": {"$ref": "#/definitions/c"}},
            "parameters": {"key": {"$ref": "#/definitions/a", "defaultValue": "hunter2"},
                "plain": {"$ref": "#/definitions/c", "defaultValue": "seen"}}
            """
        #expect(try TemplateFixture.value("[parameters('key')]", members).value == nil)
        #expect(try TemplateFixture.value("[parameters('plain')]", members).value == .string("seen"))
    }

    @Test func aFunctionOfTheTemplatesOwnSeesItsArgumentsOnly() throws {
        let members = """
            "parameters": {"word": {"type": "string", "defaultValue": "outer"}},
            "functions": [{"namespace": "our", "members": {"twice": {"parameters": [{"name": "word", "type": "string"}],
                "output": {"type": "string", "value": "[concat(parameters('word'), parameters('word'))]"}}}}]
            """
        #expect(try TemplateFixture.value("[our.twice('ab')]", members).value == .string("abab"))
        #expect(try TemplateFixture.value("[our.thrice('ab')]", members).value == nil)
    }

    @Test func whatLeadsToItselfIsAProblem() throws {
        let members = """
            "parameters": {"p": {"type": "string", "defaultValue": "[parameters('q')]"},
                "q": {"type": "string", "defaultValue": "[parameters('p')]"}},
            "variables": {"a": "[variables('b')]", "b": {"x": "[variables('a')]"}}
            """
        for expression in ["[parameters('p')]", "[variables('a')]"] {
            let reader = try TemplateFixture.read(
                resources: TemplateFixture.vnet("v", "{\"v\": \"\(expression)\"}"), members)
            #expect(reader.problems.contains { $0.problem == "leads to itself" }, "\(expression)")
        }
        #expect(
            try TemplateFixture.value("[variables('c')]", "\"variables\": {\"c\": \"[variables('d')]\", \"d\": 1}")
                .problem == nil)
    }
}
