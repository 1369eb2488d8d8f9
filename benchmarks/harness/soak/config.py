"""What the proxy is told, by files: Handfast and Envoy read the same."""
import json
import os

API = "type.googleapis.com/envoy."
STEADY, RESTARTED = "steady", "restarted"
LISTENERS = ("http", "tls", "tcp")


def bootstrap(directory, ports, upstreams):
    """Listeners, which stay as they are, and clusters and routes by files, which do not."""
    certificates = directory / "certificates"
    tls = {"name": "tls", "typed_config": {
        "@type": API + "extensions.transport_sockets.tls.v3.DownstreamTlsContext", "require_client_certificate": True,
        "common_tls_context": {
            "tls_certificates": [{"certificate_chain": {"filename": str(certificates / "server.pem")},
                                  "private_key": {"filename": str(certificates / "server.key")}}],
            "validation_context": {"trusted_ca": {"filename": str(certificates / "ca.pem")}}}}}
    manager = {"name": "http", "typed_config": {
        "@type": API + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "soak", "codec_type": "AUTO",
        "rds": {"route_config_name": "routes", "config_source": by_file(directory / "routes.json")},
        "http_filters": [{"name": "router", "typed_config": {"@type": API + "extensions.filters.http.router.v3.Router"}}]}}
    tcp = {"name": "tcp", "typed_config": {
        "@type": API + "extensions.filters.network.tcp_proxy.v3.TcpProxy", "stat_prefix": "tcp", "cluster": "tcp"}}
    return {
        "node": {"id": "soak-1", "cluster": "soak"},
        "admin": {"address": address(ports["admin"])},
        "dynamic_resources": {"cds_config": by_file(directory / "clusters.json")},
        "static_resources": {
            "listeners": [
                {"name": name, "address": address(ports[name]), "filter_chains": [
                    {"filters": [tcp if name == "tcp" else manager], **({"transport_socket": tls} if name == "tls" else {})}]}
                for name in LISTENERS],
            "clusters": [cluster("tcp", upstreams[STEADY]["tcp"], 0)]}}


def by_file(path):
    return {"path_config_source": {"path": str(path)}, "resource_api_version": "V3"}


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def cluster(name, port, revision, http2=False):
    """Another revision has another time-out: it is another cluster, and the connections of the last one are drained."""
    made = {"name": name, "type": "STATIC", "connect_timeout": "%d.%03ds" % (1, revision % 1000),
            "load_assignment": {"cluster_name": name, "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]}}
    if http2:
        options = "extensions.upstreams.http.v3.HttpProtocolOptions"
        made["typed_extension_protocol_options"] = {"envoy." + options: {
            "@type": API + options, "explicit_http_config": {"http2_protocol_options": {}}}}
    return made


def clusters(upstreams, revision):
    """Those that are used, of which every third revision makes new ones, and some that come and go."""
    used = [cluster("%s-%s" % (name, kind), upstreams[name][kind], revision // 3, kind == "grpc")
            for name in (STEADY, RESTARTED) for kind in ("http", "grpc")]
    others = [cluster("other-%d" % (revision + nth), 9, 0) for nth in range(revision % 5)]
    return response("config.cluster.v3.Cluster", revision, used + others)


def routes(revision):
    """The routes that are used behind some that nobody takes, fewer or more of them."""
    unused = [route("/unused-%d/" % nth, "%s-http" % STEADY, 15) for nth in range(revision % 7)]
    used = [route("/%s%s" % (name, tail), "%s-%s" % (name, kind), 60 + revision % 10)
            for name in (STEADY, RESTARTED) for kind, tail in (("http", "/"), ("grpc", ".Soak/"))]
    return response("config.route.v3.RouteConfiguration", revision, [
        {"name": "routes", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": unused + used}]}])


def route(prefix, to, seconds):
    return {"match": {"prefix": prefix}, "route": {"cluster": to, "timeout": "%ds" % seconds}}


def response(kind, revision, resources):
    return {"version_info": str(revision), "resources": [{"@type": API + kind, **resource} for resource in resources]}


def put(path, content):
    """Atomically: whoever looks sees the old file or the new one."""
    made = path.with_name(path.name + ".new")
    made.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    os.replace(made, path)
