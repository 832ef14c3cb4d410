/// Colours and signs of a drawing. Contrast of text is at least 4.5 to 1 on both pages.
enum VectorStyle {
    /// Plain rules, without variables: not every renderer knows those.
    static let text = """
        <style>
        text { font-family: "DejaVu Sans", "Segoe UI", Arial, Helvetica, sans-serif; font-size: 11px; fill: #1f2937 }
        .page { fill: #ffffff }
        .caption { font-size: 12px } .domain-title { font-size: 13px; font-weight: bold }
        .title text { font-size: 13px; font-weight: bold } .subnet text { font-weight: bold }
        .ranges text, .more text { fill: #4b5563 } .detail text { font-size: 10px; fill: #4b5563 }
        .warning text { fill: #b91c1c }
        .box .note, .legend text { font-size: 10px; font-weight: normal } .note { text-anchor: end; fill: #4b5563 }
        .frame { fill: #f8fafc; stroke: #64748b } .virtual_hub .frame { fill: #e0ecff }
        .not_exported .frame { stroke-dasharray: 5 4 } .site .frame { fill: #f1f5e9 }
        .outside .frame { fill: #ffffff; stroke-dasharray: 2 3 }
        .box.on-path .frame { stroke: #c2410c; stroke-width: 2 } .mark { fill: #fed7aa }
        path { fill: none; stroke-width: 1.5 } .site-line path { stroke: #64748b } .site-line circle { fill: #64748b }
        .net0 path { stroke: #2563eb } .net1 path { stroke: #0f766e } .net2 path { stroke: #7e5a00 }
        .net3 path { stroke: #475569 } .net4 path { stroke: #3f6212 } .net5 path { stroke: #9d174d }
        .net0 circle { fill: #2563eb } .net1 circle { fill: #0f766e } .net2 circle { fill: #7e5a00 }
        .net3 circle { fill: #475569 } .net4 circle { fill: #3f6212 } .net5 circle { fill: #9d174d }
        .believed path { stroke-dasharray: 7 3 } .group path { stroke-dasharray: 1 3; stroke-width: 2 }
        .broken path, .one-sided path, .not-connected path { stroke: #dc2626 }
        .broken circle, .one-sided circle, .not-connected circle { fill: #dc2626 }
        .one-sided path { stroke-dasharray: 6 3 } .not-connected path { stroke-dasharray: 2 3 }
        .forward path { stroke: #c2410c; stroke-width: 2.5; stroke-linejoin: round }
        .return path { stroke: #7c3aed; stroke-width: 2.5; stroke-dasharray: 6 4; stroke-linejoin: round }
        .forward .cross, .return .cross { stroke: #dc2626; stroke-width: 3; stroke-dasharray: none }
        #forward path { fill: #c2410c; stroke: none } #return path { fill: #7c3aed; stroke: none }
        .icon { stroke: #1f2937; stroke-width: 1 } .icon.firewall { fill: #ef4444 } .icon.appliance { fill: #f59e0b }
        .icon.router { fill: #94a3b8 } .icon.gateway { fill: #06b6d4 } .icon.load_balancer { fill: #3b82f6 }
        .icon.private_endpoint { fill: #22c55e } .icon.nic { fill: #ffffff }
        @media (prefers-color-scheme: dark) {
        text { fill: #e5e7eb } .page, .outside .frame { fill: #111827 }
        .ranges text, .more text, .detail text, .note { fill: #b6bfcc } .warning text { fill: #fca5a5 }
        .frame { fill: #1f2937; stroke: #94a3b8 } .virtual_hub .frame { fill: #1e3a5f } .site .frame { fill: #27331f }
        .mark { fill: #7c2d12 } .box.on-path .frame { stroke: #fb923c }
        .site-line path { stroke: #94a3b8 } .site-line circle { fill: #94a3b8 }
        .net0 path { stroke: #60a5fa } .net1 path { stroke: #2dd4bf } .net2 path { stroke: #eab308 }
        .net3 path { stroke: #94a3b8 } .net4 path { stroke: #a3e635 } .net5 path { stroke: #f472b6 }
        .net0 circle { fill: #60a5fa } .net1 circle { fill: #2dd4bf } .net2 circle { fill: #eab308 }
        .net3 circle { fill: #94a3b8 } .net4 circle { fill: #a3e635 } .net5 circle { fill: #f472b6 }
        .broken path, .one-sided path, .not-connected path, .forward .cross, .return .cross { stroke: #f87171 }
        .broken circle, .one-sided circle, .not-connected circle { fill: #f87171 }
        .forward path { stroke: #fb923c } .return path { stroke: #a78bfa }
        #forward path { fill: #fb923c } #return path { fill: #a78bfa } .icon { stroke: #e5e7eb }
        }
        </style>
        <defs><marker id="forward" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" \
        markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>\
        <marker id="return" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" \
        markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
        """

    static func icon(of kind: TopologyMap.Thing.Kind, left: Int, middle: Int) -> String {
        let shape =
            switch kind {
            case .firewall, .appliance:
                "M\(left - 5) \(middle - 5)h10v10h-10zM\(left - 5) \(middle)h10M\(left) \(middle - 5)v5"
                    + "M\(left - 2) \(middle)v5"
            case .router: "M\(left) \(middle - 6)l6 6l-6 6l-6 -6z"
            case .gateway: "M\(left - 6) \(middle)l3 -5h6l3 5l-3 5h-6z"
            case .loadBalancer: "M\(left) \(middle - 5)l6 10h-12z"
            case .privateEndpoint: "M\(left - 5) \(middle)a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"
            case .nic: "M\(left - 4) \(middle - 4)h8v8h-8z"
            }
        return "<path class=\"icon \(kind.rawValue)\" d=\"\(shape)\"/>"
    }
}
