package io.handfast.proxy.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a statistic in both of Envoy's spellings.
 *
 * @param dotted as in {@code /stats}: {@code cluster.bank.upstream_rq_2xx}
 * @param prometheus as in {@code /stats/prometheus}, without labels: {@code
 *     envoy_cluster_upstream_rq_xx}
 * @param labels what the dotted name says in its middle: {@code envoy_response_code_class="2"}
 */
record StatName(String dotted, String prometheus, List<Label> labels) {

  /** One label of Prometheus. */
  record Label(String name, String value) {}

  private static final Pattern CODE_CLASS = Pattern.compile("(.*_rq)_([1-5])xx");
  private static final Pattern CODE = Pattern.compile("(.*_rq)_([1-5][0-9][0-9])");
  private static final Pattern NOT_IN_PROMETHEUS = Pattern.compile("[^a-zA-Z0-9_:]");

  StatName {
    labels = List.copyOf(labels);
  }

  /** A statistic of the process: {@code server.live}. */
  static StatName plain(String name) {
    return of(name, name, List.of());
  }

  /** A statistic of a cluster. */
  static StatName cluster(String cluster, String name) {
    return of(
        "cluster." + dottedValue(cluster) + "." + name,
        "cluster." + name,
        List.of(new Label("envoy_cluster_name", cluster)));
  }

  /** A statistic of an HTTP connection manager. */
  static StatName http(String statPrefix, String name) {
    return of(
        "http." + dottedValue(statPrefix) + "." + name,
        "http." + name,
        List.of(new Label("envoy_http_conn_manager_prefix", statPrefix)));
  }

  /** A statistic of a route table from a control plane. */
  static StatName routes(String statPrefix, String table, String name) {
    return of(
        "http." + dottedValue(statPrefix) + ".rds." + dottedValue(table) + "." + name,
        "http.rds." + name,
        List.of(
            new Label("envoy_http_conn_manager_prefix", statPrefix),
            new Label("envoy_rds_route_config", table)));
  }

  /** A statistic of a secret. */
  static StatName secret(String secret, String name) {
    return of(
        "sds." + dottedValue(secret) + "." + name,
        "sds." + name,
        List.of(new Label("envoy_secret", secret)));
  }

  /** A statistic of a TCP proxy. */
  static StatName tcp(String statPrefix, String name) {
    return of(
        "tcp." + dottedValue(statPrefix) + "." + name,
        "tcp." + name,
        List.of(new Label("envoy_tcp_prefix", statPrefix)));
  }

  /** A statistic of a listener, which goes by its address. */
  static StatName listener(String address, String name) {
    String value = dottedValue(address);
    return of(
        "listener." + value + "." + name,
        "listener." + name,
        List.of(new Label("envoy_listener_address", value)));
  }

  private static StatName of(String dotted, String tagless, List<Label> labels) {
    Matcher codeClass = CODE_CLASS.matcher(tagless);
    if (codeClass.matches()) {
      return new StatName(
          dotted,
          prometheusName(codeClass.group(1) + "_xx"),
          prepend(new Label("envoy_response_code_class", codeClass.group(2)), labels));
    }
    Matcher code = CODE.matcher(tagless);
    if (code.matches()) {
      return new StatName(
          dotted,
          prometheusName(code.group(1)),
          prepend(new Label("envoy_response_code", code.group(2)), labels));
    }
    return new StatName(dotted, prometheusName(tagless), labels);
  }

  private static List<Label> prepend(Label first, List<Label> rest) {
    List<Label> all = new ArrayList<>();
    all.add(first);
    all.addAll(rest);
    return all;
  }

  private static String prometheusName(String tagless) {
    return "envoy_" + NOT_IN_PROMETHEUS.matcher(tagless).replaceAll("_");
  }

  /** Envoy keeps colons out of dotted names, for statsd. */
  private static String dottedValue(String value) {
    return value.replace(':', '_');
  }
}
