package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.Compiled;

/** A small bootstrap that is right, with places to put something else. */
final class Bootstraps {

  /** Marks of the places: each is a comment, so that the text is right as it stands. */
  static final String BASE =
      """
      #BOOTSTRAP#
      static_resources:
        #STATIC#
        listeners:
        - name: in
          #LISTENER#
          address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
          filter_chains:
          - name: chain
            #CHAIN#
            filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                #HCM#
                http_filters:
                #FILTER#
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
                route_config:
                  #TABLE#
                  virtual_hosts:
                  #HOSTS#
                  - name: all
                    #HOST#
                    domains: ["*"]
                    routes:
                    #ROUTE#
                    - match: { prefix: / }
                      route: { cluster: service }
        clusters:
        - name: service
          #CLUSTER#
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 80 } } }
      """;

  static final String LISTENER = "static_resources.listeners[0]";
  static final String HCM = LISTENER + ".filter_chains[0].filters[0].typed_config";
  static final String MATCH = LISTENER + ".filter_chains[0].filter_chain_match";
  static final String HOST = HCM + ".route_config.virtual_hosts[0]";
  static final String ROUTE = HOST + ".routes[0]";
  static final String CLUSTER = "static_resources.clusters[0]";

  private Bootstraps() {}

  /** The bootstrap with texts in the place of marks, each indented as its mark is. */
  static String with(String... marksAndTexts) {
    String yaml = BASE;
    for (int i = 0; i < marksAndTexts.length; i += 2) {
      String mark = "#" + marksAndTexts[i] + "#";
      int at = yaml.indexOf(mark);
      String indent = "\n" + " ".repeat(at - yaml.lastIndexOf('\n', at) - 1);
      yaml = yaml.replace(mark, marksAndTexts[i + 1].strip().replace("\n", indent));
    }
    return yaml;
  }

  static Compiled<ConfigSnapshot> validate(String yaml) {
    return new ConfigLoader(TestExtensions.extensions()).validate(BootstrapSource.ofYaml(yaml));
  }

  /** The snapshot of a bootstrap that is right, with those fields noted as without effect. */
  static ConfigSnapshot accept(String yaml, String... observed) {
    Compiled<ConfigSnapshot> compiled = validate(yaml);
    assertThat(compiled.errors()).isEmpty();
    assertThat(compiled.observed()).containsExactly(observed);
    return compiled.snapshot().orElseThrow();
  }

  /** What the first listener does. */
  static HttpConnectionManagerConfig http(ConfigSnapshot snapshot) {
    return snapshot.listeners().getFirst().filterChains().getFirst().http().orElseThrow();
  }
}
