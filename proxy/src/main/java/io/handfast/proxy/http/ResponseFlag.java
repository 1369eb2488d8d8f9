package io.handfast.proxy.http;

/**
 * What was out of the ordinary with a stream, under the names of Envoy's {@code %RESPONSE_FLAGS%}.
 */
public enum ResponseFlag {
  DOWNSTREAM_CONNECTION_TERMINATION("DC", "DownstreamConnectionTermination"),
  DOWNSTREAM_PROTOCOL_ERROR("DPE", "DownstreamProtocolError"),
  DROP_OVERLOAD("DO", "DropOverload"),
  DURATION_TIMEOUT("DT", "DurationTimeout"),
  LOCAL_RESET("LR", "LocalReset"),
  NO_CLUSTER_FOUND("NC", "NoClusterFound"),
  NO_FILTER_CONFIG_FOUND("NFCF", "NoFilterConfigFound"),
  NO_HEALTHY_UPSTREAM("UH", "NoHealthyUpstream"),
  NO_ROUTE_FOUND("NR", "NoRouteFound"),
  OVERLOAD("OM", "OverloadManagerTerminated"),
  STREAM_IDLE_TIMEOUT("SI", "StreamIdleTimeout"),
  UNCONDITIONAL_DROP_OVERLOAD("UDO", "UnconditionalDropOverload"),
  UNAUTHORIZED("UAEX", "UnauthorizedExternalService"),
  UPSTREAM_CONNECTION_FAILURE("UF", "UpstreamConnectionFailure"),
  UPSTREAM_CONNECTION_TERMINATION("UC", "UpstreamConnectionTermination"),
  UPSTREAM_OVERFLOW("UO", "UpstreamOverflow"),
  UPSTREAM_PROTOCOL_ERROR("UPE", "UpstreamProtocolError"),
  UPSTREAM_REMOTE_RESET("UR", "UpstreamRemoteReset"),
  UPSTREAM_REQUEST_TIMEOUT("UT", "UpstreamRequestTimeout"),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX", "UpstreamRetryLimitExceeded");

  private final String shortName;
  private final String longName;

  ResponseFlag(String shortName, String longName) {
    this.shortName = shortName;
    this.longName = longName;
  }

  /** As it stands in an access log. */
  public String shortName() {
    return shortName;
  }

  /** As it stands in an access log with {@code %RESPONSE_FLAGS_LONG%}. */
  public String longName() {
    return longName;
  }
}
