import Foundation
import TestSupport
import Testing

/// What a person meets: help, wrong flags, wrong files.
@Suite struct CommandTests {
    @Test(arguments: ["run", "replay", "decode", "explain", "findings", "check", "migrate"])
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
