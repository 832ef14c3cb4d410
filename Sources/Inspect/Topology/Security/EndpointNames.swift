/// The public name of a service behind a private endpoint, made of its account's name and the group of the connection,
/// where neither the endpoint nor its NIC tells it [learn: private-endpoint-dns, the public cloud].
enum EndpointNames {
    private static let suffixes: [String: String] = [
        "microsoft.storage/storageaccounts/blob": "blob.core.windows.net",
        "microsoft.storage/storageaccounts/file": "file.core.windows.net",
        "microsoft.storage/storageaccounts/queue": "queue.core.windows.net",
        "microsoft.storage/storageaccounts/table": "table.core.windows.net",
        "microsoft.storage/storageaccounts/dfs": "dfs.core.windows.net",
        "microsoft.sql/servers/sqlserver": "database.windows.net",
        "microsoft.keyvault/vaults/vault": "vault.azure.net",
        "microsoft.web/sites/sites": "azurewebsites.net",
        "microsoft.containerregistry/registries/registry": "azurecr.io",
        "microsoft.servicebus/namespaces/namespace": "servicebus.windows.net",
        "microsoft.eventhub/namespaces/namespace": "servicebus.windows.net",
        "microsoft.documentdb/databaseaccounts/sql": "documents.azure.com",
        "microsoft.documentdb/databaseaccounts/mongodb": "mongo.cosmos.azure.com",
        "microsoft.cache/redis/rediscache": "redis.cache.windows.net",
        "microsoft.dbforpostgresql/servers/postgresqlserver": "postgres.database.azure.com",
        "microsoft.dbforpostgresql/flexibleservers/postgresqlserver": "postgres.database.azure.com",
        "microsoft.dbformysql/servers/mysqlserver": "mysql.database.azure.com",
        "microsoft.dbformysql/flexibleservers/mysqlserver": "mysql.database.azure.com",
        "microsoft.search/searchservices/searchservice": "search.windows.net",
        "microsoft.appconfiguration/configurationstores/configurationstores": "azconfig.io",
    ]

    /// Empty where the service's names follow no such rule.
    static func derived(_ target: EndpointTarget) -> [String] {
        target.service.groups.compactMap { suffixes["\(target.service.type)/\($0)"] }.map { "\(target.name).\($0)" }
    }
}
