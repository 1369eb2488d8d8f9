package io.handfast.proxy.stats;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of a statistic in both of Envoy's spellings. There are a hundred for each cluster: a
 * name is what its group has in common and what all groups of a kind have in common, and is put
 * together when somebody looks. Immutable.
 *
 * @param group which cluster, listener, …
 * @param term which of its statistics
 */
record StatName(Group group, Term term) {

  /** One label of Prometheus. */
  record Label(String name, String value) {}

  /**
   * What the statistics of one cluster, one listener, … have in common.
   *
   * @param prefix of the dotted names, {@code cluster.bank.}
   * @param kind the same without what is a label in Prometheus, {@code cluster.}
   */
  record Group(String prefix, String kind, List<Label> labels) {

    static final Group PROCESS = new Group("", "", List.of());

    Group {
      labels = List.copyOf(labels);
    }

    /** The statistics of a cluster. */
    static Group cluster(String cluster) {
      return new Group(
          "cluster." + dottedValue(cluster) + ".",
          "cluster.",
          List.of(new Label("envoy_cluster_name", cluster)));
    }

    /** The statistics of an HTTP connection manager. */
    static Group http(String statPrefix) {
      return new Group(
          "http." + dottedValue(statPrefix) + ".",
          "http.",
          List.of(new Label("envoy_http_conn_manager_prefix", statPrefix)));
    }

    /** The statistics of a route table from a control plane. */
    static Group routes(String statPrefix, String table) {
      return new Group(
          "http." + dottedValue(statPrefix) + ".rds." + dottedValue(table) + ".",
          "http.rds.",
          List.of(
              new Label("envoy_http_conn_manager_prefix", statPrefix),
              new Label("envoy_rds_route_config", table)));
    }

    /** The statistics of a secret. */
    static Group secret(String secret) {
      return new Group(
          "sds." + dottedValue(secret) + ".", "sds.", List.of(new Label("envoy_secret", secret)));
    }

    /** The statistics of a filter from a control plane; Envoy has its name among the others. */
    static Group extension(String extension) {
      String prefix = "extension_config_discovery.http_filter." + dottedValue(extension) + ".";
      return new Group(prefix, prefix, List.of());
    }

    /**
     * The statistics of a control plane.
     *
     * @param type of resources; empty: of none in particular
     */
    static Group xdsClient(String server, String type) {
      Label ofServer = new Label("envoy_xds_server", server);
      return new Group(
          "xds_client." + dottedValue(server) + (type.isEmpty() ? "" : "." + type) + ".",
          "xds_client.",
          type.isEmpty()
              ? List.of(ofServer)
              : List.of(ofServer, new Label("envoy_xds_resource_type", type)));
    }

    /** The statistics of a TCP proxy. */
    static Group tcp(String statPrefix) {
      return new Group(
          "tcp." + dottedValue(statPrefix) + ".",
          "tcp.",
          List.of(new Label("envoy_tcp_prefix", statPrefix)));
    }

    /** The statistics of a PostgreSQL filter. */
    static Group postgres(String statPrefix) {
      return new Group(
          "postgres." + dottedValue(statPrefix) + ".",
          "postgres.",
          List.of(new Label("envoy_postgres_prefix", statPrefix)));
    }

    /** The statistics of a listener, which goes by its address. */
    static Group listener(String address) {
      String value = dottedValue(address);
      return new Group(
          "listener." + value + ".",
          "listener.",
          List.of(new Label("envoy_listener_address", value)));
    }

    StatName name(String name) {
      return new StatName(this, Term.of(kind, name));
    }
  }

  /**
   * What one statistic of every group of a kind has in common.
   *
   * @param name behind the prefix, {@code upstream_rq_2xx}
   * @param prometheus {@code envoy_cluster_upstream_rq_xx}
   * @param labels what the name says at its end: {@code envoy_response_code_class="2"}
   */
  record Term(String name, String prometheus, List<Label> labels) {

    private static final Pattern CODE_CLASS = Pattern.compile("(.*_rq)_([1-5])xx");
    private static final Pattern CODE = Pattern.compile("(.*_rq)_([1-5][0-9][0-9])");
    private static final Pattern NOT_IN_PROMETHEUS = Pattern.compile("[^a-zA-Z0-9_:]");

    /** Bound of what is kept; the terms of this program are some hundreds. */
    private static final int MAX_KNOWN = 10_000;

    /** A memory of a pure function. */
    private static final Map<String, Term> KNOWN = new ConcurrentHashMap<>();

    static Term of(String kind, String name) {
      String key = kind + "\0" + name;
      Term known = KNOWN.get(key);
      if (known == null) {
        known = make(kind, name);
        if (KNOWN.size() < MAX_KNOWN) {
          KNOWN.put(key, known);
        }
      }
      return known;
    }

    private static Term make(String kind, String name) {
      String tagless = kind + name;
      Matcher codeClass = CODE_CLASS.matcher(tagless);
      if (codeClass.matches()) {
        return new Term(
            name,
            prometheusName(codeClass.group(1) + "_xx"),
            List.of(new Label("envoy_response_code_class", codeClass.group(2))));
      }
      Matcher code = CODE.matcher(tagless);
      if (code.matches()) {
        return new Term(
            name,
            prometheusName(code.group(1)),
            List.of(new Label("envoy_response_code", code.group(2))));
      }
      return new Term(name, prometheusName(tagless), List.of());
    }

    private static String prometheusName(String tagless) {
      return "envoy_" + NOT_IN_PROMETHEUS.matcher(tagless).replaceAll("_");
    }
  }

  /** A statistic of the process: {@code server.live}. */
  static StatName plain(String name) {
    return Group.PROCESS.name(name);
  }

  /** As in {@code /stats}: {@code cluster.bank.upstream_rq_2xx}. */
  String dotted() {
    return group.prefix.isEmpty() ? term.name : group.prefix + term.name;
  }

  /** As in {@code /stats/prometheus}, without labels: {@code envoy_cluster_upstream_rq_xx}. */
  String prometheus() {
    return term.prometheus;
  }

  /** What the dotted name says in its middle: {@code envoy_cluster_name="bank"}. */
  List<Label> labels() {
    return term.labels.isEmpty()
        ? group.labels
        : Stream.concat(term.labels.stream(), group.labels.stream()).toList();
  }

  /** Envoy keeps colons out of dotted names, for statsd. */
  private static String dottedValue(String value) {
    return value.replace(':', '_');
  }
}
