/// What an attribute's key says of its value.
enum TemplateKey {
    /// It says which one, even where a part of it is not known.
    case name
    /// Never kept, whatever the template says.
    case secret
    case other

    private static let secrets = [
        "password", "secret", "sharedkey", "authorizationkey", "accesskey", "connectionstring", "token", "privatekey",
        "customdata", "commandtoexecute", "protectedsettings", "certificatedata",
    ]

    init(_ key: String) {
        let key = key.lowercased()
        if TemplateKey.secrets.contains(where: { key.contains($0) }) {
            self = .secret
        } else if key.hasSuffix("name") || key.hasSuffix("names") || key.hasSuffix("id") {
            self = .name
        } else {
            self = .other
        }
    }
}
