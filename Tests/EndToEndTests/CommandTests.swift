import Foundation
import TestSupport
import Testing

/// What a person meets: help, wrong flags, wrong files.
@Suite struct CommandTests {
    @Test(arguments: ["run", "replay", "decode", "explain", "topology", "findings", "check", "migrate"])
    func everyCommandExplainsItself(command: String) throws {
        let help = try Program.run("flowsight", [command, "--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("OVERVIEW:"))
        #expect(help.output.contains("USAGE: flowsight \(command)"))
    }

    @Test func exitCodesSayWhatKindOfWrongItIs() throws {
        try withFolder { folder in
            let missing = folder.appending(path: "missing.json").path
            #expect(try Program.run("flowsight", ["run", "--nonsense"]).status == 64)
            #expect(try Program.run("flowsight", ["check", "--config", missing]).status == 78)
            #expect(try Program.run("flowsight", ["decode", missing]).status == 65)
            let contradiction = folder.appending(path: "contradiction.json")
            try Data(#"{"database":{"uri":"postgresql:///x"}}"#.utf8).write(to: contradiction)
            #expect(try Program.run("flowsight", ["check", "--embedded", "--config", contradiction.path]).status == 64)
        }
    }

    @Test func everyProblemOfAConfigurationIsToldAtOnceWithItsPath() throws {
        try withFolder { folder in
            let file = folder.appending(path: "wrong.json")
            try Data(
                #"{"databse":{},"drops":[{"pth":"/x"}],"receivers":[{"name":"a","url":"http://x","type":"fax"}]}"#.utf8
            ).write(to: file)
            let result = try Program.run("flowsight", ["check", "--config", file.path])
            #expect(result.status == 78)
            for key in ["databse", "database", "drops[0].pth", "drops[0].path", "receivers[0].type"] {
                #expect(result.talk.contains(" \(key): "), "\(key)")
            }
        }
    }

    @Test func checkTellsOfConfigurationAndTopologyTogether() throws {
        try withFolder { folder in
            let broken = folder.appending(path: "broken.json")
            try Data("no JSON".utf8).write(to: broken)
            let file = folder.appending(path: "both.json")
            let text = """
                {"database":{"embedded":true},"drops":[{"path":"/nowhere","include":"x"}],
                 "receivers":[{"name":"","url":"ftp://192.0.2.1/"},{"name":"b","url":"ftp://192.0.2.1/"}],
                 "topology":{"paths":["broken.json","/nonexistent"]}}
                """
            try Data(text.utf8).write(to: file)
            let result = try Program.run("flowsight", ["check", "--config", file.path])
            #expect(result.status == 78)
            for part in [
                "drops[0].include: must be", "drops[0].path: is no folder", "receivers[0].name: is missing",
                "receivers[1]: b: the url's scheme", "broken.json", "/nonexistent: does not exist",
            ] {
                #expect(result.talk.contains(part), "\(part) in \(result.talk)")
            }
            #expect(!result.talk.contains("is no setting"))
        }
    }

    @Test func whatHoldsNothingAndWhatIsNoFileEndWith65() throws {
        try withFolder { folder in
            let empty = folder.appending(path: "empty.json")
            try Data().write(to: empty)
            let pipe = folder.appending(path: "pipe.json")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            for path in [empty, pipe] {
                #expect(try Program.run("flowsight", ["decode", path.path]).status == 65, "\(path)")
            }
            let none = folder.appending(path: "none.json")
            try Data(#"{"records":[]}"#.utf8).write(to: none)
            #expect(try Program.run("flowsight", ["decode", none.path]).status == 0)
        }
    }

    @Test func aRecordThatIsTooDeepIsOneDeadLetter() throws {
        try withFolder { folder in
            let good =
                #"{"category":"AzureFirewallNetworkRule","time":"2026-03-01T10:00:00Z","resourceId":"/A/AZUREFIREWALLS/F","#
                + #""properties":{"msg":"TCP request from 10.0.0.1:1 to 10.0.0.2:2. Action: Allow. "}}"#
            let open = String(repeating: #"{"a":"#, count: 50_000)
            let closed = open + "1" + String(repeating: "}", count: 50_000)
            let file = folder.appending(path: "deep.json")
            try Data(
                [good, open, good.replacingOccurrences(of: ":1 to", with: ":3 to"), closed, ""].joined(separator: "\n")
                    .utf8
            )
            .write(to: file)
            let result = try Program.run("flowsight", ["decode", "--summary", "--json", file.path])
            let counts = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            #expect(counts?["flows"] as? Int == 2)
            #expect(counts?["dead_letters"] as? Int == 2)
            #expect(counts?["records"] as? Int == 4)
        }
    }

    /// `config.example.json` holds every key there is, with its default where it has one.
    @Test func theExampleConfigurationIsRight() throws {
        let bytes = try repositoryFile("config.example.json")
        let example = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(Set(example.keys) == ["state_directory", "database", "drops", "topology", "receivers"])
        let drop = try #require((example["drops"] as? [[String: Any]])?.first)
        #expect(drop["include"] as? [String] == ["**/*.json", "**/*.json.gz", "**/*.jsonl", "**/*.jsonl.gz"])
        #expect(example["state_directory"] as? String == "/var/lib/flowsight")
        let result = try Program.run(
            "flowsight", ["check", "--config", repositoryPath("config.example.json")])
        #expect(!result.talk.contains("is no setting"), "\(result.talk)")
    }
}
