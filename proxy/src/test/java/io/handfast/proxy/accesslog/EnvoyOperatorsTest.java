package io.handfast.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every command operator that Envoy's documentation lists, with the parameter it needs: it is
 * honoured, or refused by its name, so that nobody finds out from a log of dashes. {@link
 * LogFormatTest} and the comparison with an Envoy say what the values are.
 */
final class EnvoyOperatorsTest {
  private static final List<String> HONOURED =
      List.of(
          "START_TIME",
          "START_TIME_LOCAL",
          "EMIT_TIME",
          "EMIT_TIME_LOCAL",
          "BYTES_RECEIVED",
          "BYTES_SENT",
          "BYTES_RETRANSMITTED",
          "PACKETS_RETRANSMITTED",
          "PROTOCOL",
          "UPSTREAM_PROTOCOL",
          "RESPONSE_CODE",
          "RESPONSE_CODE_DETAILS",
          "CONNECTION_TERMINATION_DETAILS",
          "UPSTREAM_REQUEST_ATTEMPT_COUNT",
          "DURATION",
          "COMMON_DURATION(DS_RX_BEG:DS_TX_BEG:ms)",
          "REQUEST_DURATION",
          "REQUEST_TX_DURATION",
          "RESPONSE_DURATION",
          "ROUNDTRIP_DURATION",
          "RESPONSE_TX_DURATION",
          "RESPONSE_FLAGS",
          "RESPONSE_FLAGS_LONG",
          "ROUTE_NAME",
          "UPSTREAM_HOST",
          "UPSTREAM_HOST_NAME",
          "UPSTREAM_HOST_NAME_WITHOUT_PORT",
          "UPSTREAM_CLUSTER",
          "UPSTREAM_CLUSTER_RAW",
          "UPSTREAM_LOCAL_ADDRESS",
          "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "UPSTREAM_LOCAL_PORT",
          "UPSTREAM_REMOTE_ADDRESS",
          "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)",
          "UPSTREAM_REMOTE_PORT",
          "UPSTREAM_TRANSPORT_FAILURE_REASON",
          "DOWNSTREAM_REMOTE_ADDRESS",
          "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_REMOTE_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_PORT",
          "DOWNSTREAM_LOCAL_ADDRESS",
          "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_LOCAL_PORT",
          "CONNECTION_ID",
          "STREAM_ID",
          "GRPC_STATUS",
          "GRPC_STATUS(SNAKE_STRING)",
          "GRPC_STATUS_NUMBER",
          "REQUEST_HEADER(x?y):3",
          "REQ(x?y):3",
          "RESPONSE_HEADER(x)",
          "RESP(x)",
          "RESPONSE_TRAILER(x)",
          "TRAILER(x)",
          "REQ_WITHOUT_QUERY(x)",
          "REQUESTED_SERVER_NAME",
          "DOWNSTREAM_LOCAL_IP_SAN",
          "DOWNSTREAM_PEER_IP_SAN",
          "DOWNSTREAM_LOCAL_DNS_SAN",
          "DOWNSTREAM_PEER_DNS_SAN",
          "DOWNSTREAM_LOCAL_URI_SAN",
          "DOWNSTREAM_PEER_URI_SAN",
          "DOWNSTREAM_LOCAL_EMAIL_SAN",
          "DOWNSTREAM_PEER_EMAIL_SAN",
          "DOWNSTREAM_LOCAL_SUBJECT",
          "DOWNSTREAM_PEER_SUBJECT",
          "DOWNSTREAM_PEER_ISSUER",
          "DOWNSTREAM_TLS_SESSION_ID",
          "DOWNSTREAM_TLS_CIPHER",
          "DOWNSTREAM_TLS_VERSION",
          "DOWNSTREAM_PEER_FINGERPRINT_256",
          "DOWNSTREAM_PEER_FINGERPRINT_1",
          "DOWNSTREAM_PEER_SERIAL",
          "DOWNSTREAM_PEER_CERT",
          "DOWNSTREAM_PEER_CERT_V_START(%Y)",
          "DOWNSTREAM_PEER_CERT_V_END",
          "HOSTNAME",
          "ACCESS_LOG_TYPE",
          "ENVIRONMENT(PATH):9",
          "TRACE_ID",
          "QUERY_PARAM(x)",
          "QUERY_PARAMS",
          "PATH(NQ:ORIG_OR_PATH):9");

  private static final List<String> REFUSED =
      List.of(
          "REQUEST_HEADERS_BYTES",
          "RESPONSE_HEADERS_BYTES",
          "RESPONSE_TRAILERS_BYTES",
          "UPSTREAM_WIRE_BYTES_SENT",
          "UPSTREAM_WIRE_BYTES_RECEIVED",
          "UPSTREAM_HEADER_BYTES_SENT",
          "UPSTREAM_HEADER_BYTES_RECEIVED",
          "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
          "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
          "DOWNSTREAM_WIRE_BYTES_SENT",
          "DOWNSTREAM_WIRE_BYTES_RECEIVED",
          "DOWNSTREAM_HEADER_BYTES_SENT",
          "DOWNSTREAM_HEADER_BYTES_RECEIVED",
          "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
          "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
          "DOWNSTREAM_HANDSHAKE_DURATION",
          "DOWNSTREAM_CX_RTT",
          "UPSTREAM_CONNECTION_POOL_READY_DURATION",
          "VIRTUAL_CLUSTER_NAME",
          "UPSTREAM_HOSTS_ATTEMPTED",
          "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
          "UPSTREAM_HOST_NAMES_ATTEMPTED",
          "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
          "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
          "UPSTREAM_DETECTED_CLOSE_TYPE",
          "UPSTREAM_LOCAL_CLOSE_REASON",
          "UPSTREAM_CONNECTION_ID",
          "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
          "DOWNSTREAM_LOCAL_CLOSE_REASON",
          "DOWNSTREAM_DETECTED_CLOSE_TYPE",
          "DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
          "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_LOCAL_PORT",
          "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
          "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID",
          "REQUEST_TRAILER(x)",
          "DYNAMIC_METADATA(x)",
          "CLUSTER_METADATA(x)",
          "UPSTREAM_METADATA(x)",
          "METADATA(ROUTE:x)",
          "FILTER_STATE(x)",
          "UPSTREAM_FILTER_STATE(x)",
          "DOWNSTREAM_LOCAL_OTHERNAME_SAN",
          "DOWNSTREAM_PEER_OTHERNAME_SAN",
          "DOWNSTREAM_TLS_GROUP",
          "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256",
          "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1",
          "DOWNSTREAM_PEER_CHAIN_SERIALS",
          "DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256",
          "DOWNSTREAM_PEER_ISSUER_SERIAL",
          "TLS_JA3_FINGERPRINT",
          "TLS_JA4_FINGERPRINT",
          "UPSTREAM_PEER_SUBJECT",
          "UPSTREAM_PEER_ISSUER",
          "UPSTREAM_TLS_SESSION_ID",
          "UPSTREAM_TLS_CIPHER",
          "UPSTREAM_TLS_GROUP",
          "UPSTREAM_TLS_VERSION",
          "UPSTREAM_SERVER_NAME",
          "UPSTREAM_PEER_CERT",
          "UPSTREAM_PEER_CERT_V_START",
          "UPSTREAM_PEER_CERT_V_END",
          "UPSTREAM_PEER_URI_SAN",
          "UPSTREAM_PEER_DNS_SAN",
          "UPSTREAM_PEER_IP_SAN",
          "UPSTREAM_LOCAL_URI_SAN",
          "UPSTREAM_LOCAL_DNS_SAN",
          "UPSTREAM_LOCAL_IP_SAN",
          "LOCAL_REPLY_BODY",
          "FILTER_CHAIN_NAME",
          "UNIQUE_ID",
          "SPAN_ID",
          "CUSTOM_FLAGS",
          "COALESCE({})",
          "CEL(response.code)",
          "TYPED_CEL(response.code)");

  @Test
  void shouldHonourThese() {
    List<String> problems = new ArrayList<>();
    for (String operator : HONOURED) {
      LogFormat.problem("%" + operator + "%").ifPresent(problems::add);
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void shouldRefuseTheOthersByName() {
    for (String operator : REFUSED) {
      String name = operator.replaceAll("\\(.*", "");
      Optional<String> problem = LogFormat.problem("%" + operator + "%");
      assertThat(problem).as(operator).isPresent();
      assertThat(problem.get()).startsWith("%" + name + "% (expected: one of ");
    }
  }

  @Test
  void shouldListEachOnce() {
    List<String> all = new ArrayList<>(HONOURED);
    all.addAll(REFUSED);
    assertThat(all).doesNotHaveDuplicates().hasSizeGreaterThan(150);
  }

  /** What meshes log by default. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n",
        "[%START_TIME%] \"%REQUEST_HEADER(:METHOD)% %REQUEST_HEADER(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESPONSE_HEADER(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQUEST_HEADER(X-FORWARDED-FOR)%\"\n",
      })
  void shouldHonourTheFormatsOfMeshes(String format) {
    assertThat(LogFormat.problem(format)).isEmpty();
  }
}
