extension Finding {
    /// Writes the finding as its contract says: every key present, null for what is not known, keys of objects that
    /// are maps sorted, so that the same finding gives the same bytes.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("fingerprint"); json.value(fingerprint)
        json.key("detector"); json.value(detector)
        json.key("state"); json.value(state.rawValue)
        json.key("severity"); json.value(severity.rawValue)
        json.key("confidence"); json.value(confidence.rawValue)
        json.key("title"); json.value(title)
        json.key("why"); json.value(why)
        json.key("cause"); json.value(cause)
        writeSubject(to: &json)
        json.key("first_seen"); json.value(firstSeen)
        json.key("last_seen"); json.value(lastSeen)
        json.key("opened_at"); json.value(openedAt)
        json.key("resolved_at"); json.value(resolvedAt)
        json.key("resolved_because"); json.value(resolvedBecause)
        json.key("proof"); json.value(proof.rawValue)
        json.key("proof_why"); json.value(proofWhy)
        json.key("flapping"); json.value(flapping)
        writeCounts(to: &json)
        json.key("evidence")
        json.beginArray()
        for row in evidence { row.write(to: &json) }
        json.endArray()
        json.key("routes")
        json.beginArray()
        for route in routes { route.write(to: &json) }
        json.endArray()
        json.key("remedy"); json.value(remedy)
        json.key("explain"); json.value(explain)
        json.key("acknowledged"); json.null()
        json.key("silenced"); json.null()
        json.endObject()
    }

    private func writeSubject(to json: inout JSONWriter) {
        json.key("subject")
        json.beginObject()
        for (key, value) in subject.sorted(by: { $0.key < $1.key }) {
            json.key(key); json.value(value)
        }
        json.endObject()
        json.key("names")
        json.beginObject()
        for (id, name) in names.sorted(by: { $0.key < $1.key }) {
            json.key(id)
            json.beginObject()
            json.key("name"); json.value(name.name)
            json.key("addresses"); json.value(name.addresses)
            json.key("prefixes"); json.value(name.prefixes)
            json.endObject()
        }
        json.endObject()
    }

    private func writeCounts(to json: inout JSONWriter) {
        json.key("counts")
        json.beginObject()
        json.key("records"); json.value(counts.records)
        json.key("sessions"); json.value(counts.sessions)
        json.key("clients"); json.value(counts.clients)
        json.key("bytes_sent"); json.value(counts.bytesSent)
        json.key("bytes_received"); json.value(counts.bytesReceived)
        json.endObject()
        json.key("clients")
        json.beginArray()
        for client in clients {
            json.beginObject()
            json.key("address"); json.value(client.address)
            json.key("sessions"); json.value(client.sessions)
            json.key("bytes"); json.value(client.bytes)
            json.endObject()
        }
        json.endArray()
    }
}

extension Finding.Evidence {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("source"); json.value(source)
        json.key("time"); json.value(time)
        json.key("record_hash"); json.value(recordHash)
        json.key("ordinal"); json.value(ordinal)
        json.key("vantage"); json.value(vantage)
        json.key("src_ip"); json.value(sourceAddress)
        json.key("dst_ip"); json.value(destinationAddress)
        json.key("protocol"); json.value(ipProtocol)
        json.key("dst_port"); json.value(destinationPort)
        json.key("bytes_sent"); json.value(bytesSent)
        json.key("bytes_received"); json.value(bytesReceived)
        json.key("what"); json.value(what)
        json.endObject()
    }
}
