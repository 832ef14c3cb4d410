/// The ports at which clients usually speak to a private endpoint, by the target's type and the group id of the
/// connection [learn: private-endpoint-overview, private-link resources; each service's page on its ports].
enum EndpointPorts {
    private static let byTarget: [String: [Int]] = [
        "microsoft.storage/storageaccounts": [443],
        "microsoft.keyvault/vaults": [443],
        "microsoft.keyvault/managedhsms": [443],
        "microsoft.sql/servers": [1433],
        "microsoft.sql/managedinstances": [1433],
        "microsoft.dbforpostgresql/servers": [5432],
        "microsoft.dbforpostgresql/flexibleservers": [5432],
        "microsoft.dbformysql/servers": [3306],
        "microsoft.dbformysql/flexibleservers": [3306],
        "microsoft.dbformariadb/servers": [3306],
        "microsoft.cache/redis": [6380],
        "microsoft.cache/redisenterprise": [10000],
        "microsoft.containerregistry/registries": [443],
        "microsoft.containerservice/managedclusters": [443],
        "microsoft.web/sites": [443],
        "microsoft.web/staticsites": [443],
        "microsoft.search/searchservices": [443],
        "microsoft.cognitiveservices/accounts": [443],
        "microsoft.appconfiguration/configurationstores": [443],
        "microsoft.machinelearningservices/workspaces": [443],
        "microsoft.insights/privatelinkscopes": [443],
        "microsoft.apimanagement/service": [443],
        "microsoft.eventgrid/topics": [443],
        "microsoft.eventgrid/domains": [443],
        "microsoft.signalrservice/signalr": [443],
        "microsoft.signalrservice/webpubsub": [443],
        "microsoft.datafactory/factories": [443],
        "microsoft.databricks/workspaces": [443],
        "microsoft.kusto/clusters": [443],
        "microsoft.purview/accounts": [443],
    ]
    /// Where the group decides: file shares are mounted by SMB, Cosmos DB has an API a group, Synapse two engines.
    private static let byGroup: [String: [Int]] = [
        "microsoft.storage/storageaccounts/file": [443, 445],
        "microsoft.documentdb/databaseaccounts/sql": [443],
        "microsoft.documentdb/databaseaccounts/gremlin": [443],
        "microsoft.documentdb/databaseaccounts/table": [443],
        "microsoft.documentdb/databaseaccounts/mongodb": [10255],
        "microsoft.documentdb/databaseaccounts/cassandra": [10350],
        "microsoft.synapse/workspaces/sql": [1433],
        "microsoft.synapse/workspaces/sqlondemand": [1433],
        "microsoft.synapse/workspaces/dev": [443],
    ]

    /// Empty where no port is usual: then any may be meant.
    static func usual(_ service: EndpointTarget.Service) -> [Int] {
        let ports = service.groups.map { byGroup["\(service.type)/\($0)"] ?? byTarget[service.type] ?? [] }
        guard ports.count > 1 else { return ports.first ?? byTarget[service.type] ?? [] }
        return Set(ports.joined()).sorted()
    }
}
