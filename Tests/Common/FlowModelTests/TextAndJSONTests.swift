import FlowModel
import Testing

@Suite struct TextPoolTests {
    @Test func keepsEachTextOnceOverManyGrowths() {
        var pool = TextPool()
        let ids = (0..<1_000).map { pool.intern("rule-\($0)") }
        #expect(Set(ids).count == 1_000)
        for (index, id) in ids.enumerated() {
            let again = pool.intern("rule-\(index)")
            #expect(again == id)
        }
        #expect(pool.string(ids[999]) == "rule-999")
        #expect(pool.string(.none) == nil)
        pool.removeAll()
        #expect(pool.count == 0)
        let again = pool.intern("again")
        #expect(pool.string(again) == "again")
    }

    @Test func theEmptyTextIsATextAndNotNull() {
        var pool = TextPool()
        let empty = pool.intern("")
        #expect(pool.string(empty) == "")
    }
}

@Suite struct JSONWriterTests {
    @Test func writesCommasEscapesAndNulls() {
        var json = JSONWriter()
        json.beginObject()
        json.key("a\"b"); json.value("line\nbreak\u{1}\u{1f}\\")
        json.key("list"); json.value(["x", "y"])
        json.key("empty"); json.beginArray(); json.endArray()
        json.key("n"); json.value(Double.nan)
        json.key("whole"); json.value(3.0)
        json.key("part"); json.value(0.1)
        json.key("none"); json.value(String?.none)
        json.endObject()
        #expect(
            json.string
                == #"{"a\"b":"line\nbreak\u0001\u001f\\","list":["x","y"],"empty":[],"n":null,"whole":3,"part":0.1,"none":null}"#
        )
    }
}

@Suite struct RecordHashTests {
    @Test func printsAndReads32HexDigits() {
        let hash = RecordHash(upper: 0xff, lower: 1)
        #expect(hash.description == "00000000000000ff0000000000000001")
        #expect(RecordHash(hash.description) == hash)
        #expect(RecordHash("ff") == nil)
    }
}
