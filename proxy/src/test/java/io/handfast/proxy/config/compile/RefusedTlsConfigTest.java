package io.handfast.proxy.config.compile;

import static io.handfast.proxy.config.compile.RefusedConfigTest.bad;

import io.handfast.proxy.config.compile.RefusedConfigTest.Case;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RefusedTlsConfigTest {
  private static final String CERTIFICATE =
      "common_tls_context: { tls_certificates: [{ certificate_chain: { filename: /c }, private_key: { filename: /k } }], ";

  /** A TLS context of the listener; errors begin behind its path. */
  private static Case tls(String context, String... errors) {
    String path = Bootstraps.LISTENER + ".filter_chains[0].transport_socket.typed_config";
    String type = "'@type': a/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext\n";
    return new Case(
        "CHAIN",
        "transport_socket:\n  name: tls\n  typed_config:\n    "
            + (type + context).strip().replace("\n", "\n    "),
        Arrays.stream(errors).map(error -> path + error).toList());
  }

  static List<Case> cases() {
    return List.of(
        tls("", ".common_tls_context.tls_certificates: [] (expected: at least one)"),
        tls(
            "common_tls_context: { key_log: { path: /tmp/keys } }",
            ".common_tls_context.key_log: is not supported and would change traffic (expected: not set; it would write to disk what decrypts every connection)",
            ".common_tls_context.tls_certificates: [] (expected: at least one)"),
        tls(
            "common_tls_context: { tls_params: { tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_2 } }",
            ".common_tls_context.tls_params.tls_minimum_protocol_version: TLSv1.3 (expected: at most tls_maximum_protocol_version, TLSv1.2)"),
        tls(
            "common_tls_context: { tls_params: { tls_minimum_protocol_version: TLSv1_0 } }",
            ".common_tls_context.tls_params.tls_minimum_protocol_version: TLSv1_0 (expected: one of [TLS_AUTO, TLSv1_2, TLSv1_3]; default TLSv1_2; older versions are not safe)",
            ".common_tls_context.tls_certificates: [] (expected: at least one)"),
        tls(
            "common_tls_context: { tls_certificates: [{ certificate_chain: { filename: /c } }] }",
            ".common_tls_context.tls_certificates[0].private_key: missing (expected: PEM, inline or in a file)"),
        tls(
            CERTIFICATE
                + "tls_params: { cipher_suites: ['[ECDHE-RSA-AES128-GCM-SHA256|RC4-SHA]'] } }",
            ".common_tls_context.tls_params.cipher_suites[0]: 'RC4-SHA' (expected: one of [ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256, ECDHE-ECDSA-CHACHA20-POLY1305, ECDHE-RSA-CHACHA20-POLY1305, ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-RSA-AES256-GCM-SHA384])"),
        tls(
            CERTIFICATE + "tls_params: { ecdh_curves: [P-224] } }",
            ".common_tls_context.tls_params.ecdh_curves[0]: P-224 (expected: one of [X25519, P-256, P-384, P-521])"),
        tls(
            CERTIFICATE + "alpn_protocols: [h3] }",
            ".common_tls_context.alpn_protocols[0]: 'h3' (expected: h2, http/1.1 or postgresql)"),
        tls(
            CERTIFICATE + "}\nrequire_client_certificate: true",
            ".require_client_certificate: true (expected: a validation_context by which it is verified)"),
        tls(
            CERTIFICATE + "validation_context: {} }",
            ".common_tls_context.validation_context.trusted_ca: missing (expected: it, verify_certificate_spki or verify_certificate_hash)"),
        tls(
            CERTIFICATE
                + "validation_context: { verify_certificate_spki: ['!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!'] } }",
            ".common_tls_context.validation_context.verify_certificate_spki[0]: !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!! (expected: the SHA-256 of a public key in Base64)"),
        tls(
            CERTIFICATE
                + "validation_context: { verify_certificate_hash: ['%s'] } }"
                    .formatted("xy".repeat(32)),
            ".common_tls_context.validation_context.verify_certificate_hash[0]: %s (expected: the SHA-256 of a certificate in hexadecimal, with or without colons)"
                .formatted("xy".repeat(32))),
        tls(
            CERTIFICATE
                + "validation_context: { verify_certificate_hash: ['%s'], match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: a } }] } }"
                    .formatted("ab".repeat(32)),
            ".common_tls_context.validation_context.match_typed_subject_alt_names: without trusted_ca (expected: trusted_ca, for anybody can give himself a name)"),
        tls(
            CERTIFICATE
                + "validation_context: { trusted_ca: { filename: /ca }, match_typed_subject_alt_names: [{ san_type: URI, matcher: { safe_regex: { regex: '(' } } }] } }",
            ".common_tls_context.validation_context.match_typed_subject_alt_names[0].matcher.safe_regex.regex: ( (expected: RE2 syntax: missing closing ))"),
        tls(
            CERTIFICATE
                + "validation_context: { trusted_ca: { filename: /ca }, crl: { filename: /crl } } }",
            ".common_tls_context.validation_context.crl: is not supported and would change traffic (expected: not set; revocation lists are not built yet)"),
        tls(
            CERTIFICATE + "tls_certificate_sds_secret_configs: [{ name: x }] }",
            ".common_tls_context.tls_certificate_sds_secret_configs[0].name: x (expected: one of static_resources.secrets, or an sds_config)"),
        bad(
            "CHAIN",
            "transport_socket: { name: tls, typed_config: { '@type': a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }",
            Bootstraps.LISTENER
                + ".filter_chains[0].transport_socket.typed_config: envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext (expected: envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext or envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer)"),
        bad(
            "CHAIN",
            "transport_socket: { name: tls }",
            Bootstraps.LISTENER
                + ".filter_chains[0].transport_socket.typed_config: missing (expected: the configuration of the transport socket)"),
        bad(
            "CLUSTER",
            "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, auto_config: {} } }",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"].auto_config: without TLS (expected: a transport_socket with TLS, which agrees on one)"),
        bad(
            "CLUSTER",
            "transport_socket: { name: tls, typed_config: { '@type': a/envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig } }",
            Bootstraps.CLUSTER
                + ".transport_socket.typed_config.tls_socket_config: missing (expected: it is required)"),
        bad(
            "CLUSTER",
            "transport_socket: { name: tls, typed_config: { '@type': a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, auto_sni_san_validation: true } }",
            Bootstraps.CLUSTER
                + ".transport_socket.typed_config.auto_sni_san_validation: true (expected: a validation_context with trusted_ca)"),
        bad(
            "CLUSTER",
            "transport_socket: { name: tls, typed_config: { '@type': a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: { tls_certificates: [%1$s, %1$s] } } }"
                .formatted(
                    "{ certificate_chain: { filename: /c }, private_key: { filename: /k } }"),
            Bootstraps.CLUSTER
                + ".transport_socket.typed_config.common_tls_context.tls_certificates: 2 entries (expected: at most 1)"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldNameEveryTlsFieldThatIsWrong(Case given) {
    RefusedConfigTest.assertRefused(given);
  }
}
