package io.handfast.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogFormatTest {

  private static final long START = Instant.parse("2026-03-04T05:06:07.089Z").toEpochMilli();
  private static final String TX = "0196f0c2a1b87c3d9e4f5a6b7c8d9e0f";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "%START_TIME%|2026-03-04T05:06:07.089Z",
        "%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)%|2026/03/04T05:06:07+0000 1772600767",
        "%START_TIME(%F %T.%1f %6f %f)%|2026-03-04 05:06:07.0 089000 089000000",
        "%START_TIME(%d/%b/%Y)% %EMIT_TIME(%s.%3f)%|04/Mar/2026 1772600767.129",
        "%START_TIME(%a, %e %b %j %Z%%)%|Wed,  4 Mar 063 UTC%",
        "%REQ(:METHOD)% %REQ(:path)% %REQ(:AUTHORITY)% %REQ(:SCHEME)%|POST /transfers?x=1 bank http",
        "%REQ(USER-AGENT)%|curl/8",
        "%REQ(X-NOT-THERE)%|-",
        "%REQ(X-NOT-THERE?USER-AGENT)%|curl/8",
        "%REQ(user-agent?x-not-there)%|curl/8",
        "%REQ(USER-AGENT):3%|cur",
        "%REQ(X-EVIL)%|a?b",
        "%RESP(:STATUS)% %RESP(Content-Type)%|503 text/plain",
        "%TRAILER(grpc-status)%|14",
        "%PROTOCOL%|HTTP/1.1",
        "%RESPONSE_CODE%|503",
        "%RESPONSE_FLAGS%|UF,URX",
        "%RESPONSE_FLAGS_LONG%|UpstreamConnectionFailure,UpstreamRetryLimitExceeded",
        "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%|upstream_reset_before_response_started{connection failure}",
        "%CONNECTION_TERMINATION_DETAILS% %UPSTREAM_TRANSPORT_FAILURE_REASON%|- connection_refused",
        "%UPSTREAM_PROTOCOL% %UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT%|HTTP/2 bank.local:8080 bank.local",
        "%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(12)% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(64)%|10.0.0.0/12 ::/64",
        "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(0)% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(33)%|0.0.0.0/0 -",
        "%REQUEST_HEADER(user-agent)% %RESPONSE_HEADER(content-type)% %RESPONSE_TRAILER(grpc-status)%|curl/8 text/plain 14",
        "%REQ_WITHOUT_QUERY(:path)% %PATH% %PATH(NQ)% %PATH(WQ:PATH)% %PATH(NQ:ORIG)%|/transfers /transfers?x=1 /transfers /transfers?x=1 -",
        "%QUERY_PARAM(x)% %QUERY_PARAM(y)% %QUERY_PARAMS% %QUERY_PARAMS(DECODED)%|1 - x=1 x=1",
        "%REQUESTED_SERVER_NAME(SNI_FIRST)% %REQUESTED_SERVER_NAME(HOST_FIRST:HOST)% %REQUESTED_SERVER_NAME(SNI_ONLY)%|bank bank -",
        "%GRPC_STATUS% %GRPC_STATUS(NUMBER)% %GRPC_STATUS_NUMBER%|- - -",
        "%BYTES_RETRANSMITTED% %PACKETS_RETRANSMITTED% %ROUNDTRIP_DURATION%|0 0 -",
        "%REQUEST_TX_DURATION% %COMMON_DURATION(DS_RX_BEG:DS_RX_END:us)% %COMMON_DURATION(US_RX_BEG:DS_TX_END:ms)%|7 5000 10",
        "%COMMON_DURATION(DS_TX_BEG:DS_TX_END:ns)% %COMMON_DURATION(DS_TX_END:DS_RX_BEG:ms)%|- -",
        "%ACCESS_LOG_TYPE% %UPSTREAM_CLUSTER_RAW%|DownstreamEnd bank-a",
        "%RESPONSE_CODE_DETAILS%|upstream_reset_before_response_started{connection_failure}",
        "%BYTES_RECEIVED% %BYTES_SENT%|12 345",
        "%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%|40 5 30 10",
        "%UPSTREAM_HOST%|10.0.0.7:8080",
        "%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_PORT%|10.0.0.7 8080",
        "%UPSTREAM_LOCAL_ADDRESS%|10.0.0.1:5",
        "%UPSTREAM_CLUSTER% %ROUTE_NAME% %UPSTREAM_REQUEST_ATTEMPT_COUNT%|bank-a create 1",
        "%DOWNSTREAM_REMOTE_ADDRESS%|[::1]:4242",
        "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%|::1 4242",
        "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_PORT%|127.0.0.1:80 80",
        "%CONNECTION_ID% %STREAM_ID% %REQUESTED_SERVER_NAME%|9 req-1 -",
        "%TRACE_ID%|4bf92f3577b34da6a3ce929d0e0e4736",
        "%TX_ID% %TX_OUTCOME%|" + TX + " -",
        "100%% %PROTOCOL%%%|100% HTTP/1.1%",
      })
  void shouldRenderWhenTheOperatorIsKnown(String format, String expected) throws Exception {
    // Given
    LogFormat compiled = LogFormat.compile(new AccessLogConfig.Format.Text(format));

    // When / Then
    assertThat(render(compiled, failed())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%NOPE%",
        "%PROTOCOL(x)%",
        "%REQ%",
        "%REQ()%",
        "%REQ(a?b?c)%",
        "%START_TIME(%Q)%",
        "%START_TIME(%)%",
        "100% sure",
        "%protocol%",
        "%REQ(a):x%",
        "%ENVIRONMENT%",
        "%PATH(XX)%",
        "%GRPC_STATUS(CAMEL)%",
        "%COMMON_DURATION%",
        "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:s)%",
        "%COMMON_DURATION(US_CX_BEG:DS_TX_END:ms)%",
        "%REQUESTED_SERVER_NAME(NONE)%",
        "%RESPONSE_CODE_DETAILS(x)%",
        "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(129)%",
      })
  void shouldSayWhatWasExpectedWhenTheFormatIsWrong(String format) {
    // When / Then
    assertThatThrownBy(() -> LogFormat.compile(new AccessLogConfig.Format.Text(format)))
        .isInstanceOf(InvalidFormatException.class)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void shouldRenderEnvoysLineWhenTheFormatIsTheDefault() throws Exception {
    // Given
    LogFormat compiled =
        LogFormat.compile(new AccessLogConfig.Format.Text(AccessLogConfig.DEFAULT_FORMAT));

    // When / Then
    assertThat(render(compiled, failed()))
        .isEqualTo(
            "[2026-03-04T05:06:07.089Z] \"POST /transfers?x=1 HTTP/1.1\" 503 UF,URX 12 345 40 - \"-\" \"curl/8\""
                + " \"req-1\" \"bank\" \"10.0.0.7:8080\"\n");
  }

  @Test
  void shouldRenderDashesWhenTheRequestCouldNotBeParsed() throws Exception {
    // Given
    LogFormat compiled =
        LogFormat.compile(
            new AccessLogConfig.Format.Text(
                "%REQ(:METHOD)% %RESP(:STATUS)% %TRAILER(x)% %DURATION% %RESPONSE_FLAGS% %UPSTREAM_HOST% %TX_ID%"));
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_1_1, START, 0);

    // When / Then
    assertThat(render(compiled, new LogRecord(info, null, null, null))).isEqualTo("- - - - - - -");
  }

  @Test
  void shouldKeepTypesWhenTheFormatIsJson() throws Exception {
    // Given
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("list", List.of("%PROTOCOL%", "%RESPONSE_CODE%", "%REQ(x-none)%"));
    fields.put("none", null);
    fields.put("code", "%RESPONSE_CODE%");
    fields.put("missing", "%REQ(x-none)%");
    fields.put("text", "%PROTOCOL% \"%REQ(x-none)%\"");
    fields.put("agent", "%REQ(user-agent):4%");
    fields.put("nested", Map.of("tx", "%TX_ID%"));
    fields.put("answer", 42.0);
    fields.put("flag", true);
    LogFormat compiled = LogFormat.compile(new AccessLogConfig.Format.Json(fields));

    // When / Then
    assertThat(render(compiled, failed()))
        .isEqualTo(
            "{\"agent\":\"curl\",\"answer\":42,\"code\":503,\"flag\":true,\"list\":[\"HTTP/1.1\",503,null],\"missing\":null,\"nested\":{\"tx\":\""
                + TX
                + "\"},\"none\":null,\"text\":\"HTTP/1.1 \\\"-\\\"\"}\n");
  }

  @Test
  void shouldLeaveOutWhatHasNoValueWhereThatIsAskedFor() throws Exception {
    // Given
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("none", null);
    fields.put("nested", Map.of("gone", "%REQ(x-none)%"));
    fields.put("kept", Map.of("code", "%RESPONSE_CODE%", "gone", "%REQ(x-none)%"));
    fields.put("list", List.of("%REQ(x-none)%", "%PROTOCOL%"));
    fields.put("mixed", "<%REQ(x-none)%>");
    fields.put("flags", "%RESPONSE_FLAGS%");
    LogFormat json = LogFormat.compile(new AccessLogConfig.Format.Json(fields, true));
    LogFormat text =
        LogFormat.compile(
            new AccessLogConfig.Format.Text("<%REQ(x-none)%> <%RESPONSE_FLAGS%>", true));
    LogRecord record =
        new LogRecord(
            new StreamInfo(connection(), HttpProtocol.HTTP_1_1, START, 0), null, null, null);

    // When / Then
    assertThat(render(json, record))
        .isEqualTo(
            "{\"flags\":\"-\",\"kept\":{\"code\":0},\"list\":[\"HTTP/1.1\"],\"mixed\":\"<>\"}\n");
    assertThat(render(text, record)).isEqualTo("<> <->");
  }

  @ParameterizedTest
  @CsvSource({
    "0,OK,OK,0",
    "1,Canceled,CANCELLED,1",
    "3,InvalidArgument,INVALID_ARGUMENT,3",
    "16,Unauthenticated,UNAUTHENTICATED,16",
    "99,99,99,-",
    ",Unavailable,UNAVAILABLE,14",
  })
  void shouldTellTheStatusOfACallOfGrpc(
      @Nullable String status, String camel, String snake, String number) throws Exception {
    // Given: the last is a response without a status of gRPC
    RequestHead request = RequestHead.of("POST", "bank", "/a/b");
    request.headers().add("content-type", "application/grpc");
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_2, START, 0);
    info.status(503);
    Headers trailers = new Headers();
    if (status != null) {
      trailers.add("grpc-status", status);
    }
    LogFormat format =
        LogFormat.compile(
            new AccessLogConfig.Format.Text(
                "%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS_NUMBER%"));

    // When / Then
    assertThat(render(format, new LogRecord(info, request, ResponseHead.of(503), trailers)))
        .isEqualTo(camel + " " + snake + " " + number);
  }

  @Test
  void shouldNameTheFieldWhenAJsonFormatIsWrong() {
    // Given
    Map<String, Object> fields = Map.of("request", Map.of("verb", "%METHOD%"));

    // When / Then
    assertThatThrownBy(() -> LogFormat.compile(new AccessLogConfig.Format.Json(fields)))
        .isInstanceOfSatisfying(
            InvalidFormatException.class, e -> assertThat(e.path()).isEqualTo("request.verb"))
        .hasMessageStartingWith("%METHOD% (expected: one of ACCESS_LOG_TYPE, BYTES_RECEIVED, ");
  }

  @ParameterizedTest
  @CsvSource({
    "hf=%s-00f067aa0ba902b7",
    "'congo=t61,hf=%s-00f067aa0ba902b7,x=y'",
    "'a=b, hf=%s-00f067aa0ba902b7'"
  })
  void shouldFindTheTransactionWhenOnlyTheTraceStateNamesIt(String traceState) {
    // Given
    RequestHead request = RequestHead.of("GET", "bank", "/");
    request.headers().add("tracestate", traceState.formatted(TX));
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_1_1, START, 0);

    // When / Then
    assertThat(TransactionFields.txId(new LogRecord(info, request, null, null))).isEqualTo(TX);
  }

  @Test
  void shouldShowTheOutcomeWhenTheBoundaryAnswered() throws Exception {
    // Given
    ResponseHead response = ResponseHead.of(201);
    response.headers().add("tx-id", TX).add("tx-outcome", "committed");
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_1_1, START, 0);
    LogFormat compiled = LogFormat.compile(new AccessLogConfig.Format.Text("%TX_ID% %TX_OUTCOME%"));

    // When / Then
    assertThat(render(compiled, new LogRecord(info, null, response, null)))
        .isEqualTo(TX + " committed");
  }

  private static String render(LogFormat format, LogRecord log) {
    StringBuilder out = new StringBuilder();
    format.append(log, out);
    return out.toString();
  }

  private static ConnectionInfo connection() {
    return new ConnectionInfo(
        9, address("::1", 4242), address("127.0.0.1", 80), "inbound", TrafficDirection.INBOUND);
  }

  private static LogRecord failed() {
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_1_1, START, 1_000_000);
    info.requestEnded(6_000_000);
    info.attempt();
    info.upstreamHost(address("10.0.0.7", 8080), "bank.local:8080");
    info.upstreamConnection(address("10.0.0.7", 8080), address("10.0.0.1", 5), HttpProtocol.HTTP_2);
    info.upstreamFailure("connection refused");
    info.requestSent(8_000_000);
    info.responseHeadReceived(31_000_000);
    info.received(12);
    info.sent(345);
    info.status(503);
    info.flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
    info.flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
    info.details("upstream_reset_before_response_started{connection failure}");
    info.requestId("req-1");
    info.route("bank", "create");
    info.cluster("bank-a");
    info.ended(41_000_000, false, null);
    RequestHead request = RequestHead.of("POST", "bank", "/transfers?x=1");
    request
        .headers()
        .add("User-Agent", "curl/8")
        .add("X-Request-Id", "req-1")
        .add("x-evil", "a\nb")
        .add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .add("tx-context", "00-" + TX + "-00f067aa0ba902b7-00;d=j.x@h:1;v=h:1;t=5");
    ResponseHead response = ResponseHead.of(503);
    response.headers().add("content-type", "text/plain");
    return new LogRecord(info, request, response, new Headers().add("grpc-status", "14"));
  }

  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(host), port);
  }
}
