package io.handfast.proxy.http;

/**
 * What was out of the ordinary with a stream, under the names of Envoy's {@code %RESPONSE_FLAGS%}.
 */
public enum ResponseFlag {
  DOWNSTREAM_CONNECTION_TERMINATION("DC"),
  DOWNSTREAM_PROTOCOL_ERROR("DPE"),
  DURATION_TIMEOUT("DT"),
  LOCAL_RESET("LR"),
  NO_CLUSTER_FOUND("NC"),
  NO_HEALTHY_UPSTREAM("UH"),
  NO_ROUTE_FOUND("NR"),
  OVERLOAD("OM"),
  STREAM_IDLE_TIMEOUT("SI"),
  UNAUTHORIZED("UAEX"),
  UPSTREAM_CONNECTION_FAILURE("UF"),
  UPSTREAM_CONNECTION_TERMINATION("UC"),
  UPSTREAM_OVERFLOW("UO"),
  UPSTREAM_PROTOCOL_ERROR("UPE"),
  UPSTREAM_REMOTE_RESET("UR"),
  UPSTREAM_REQUEST_TIMEOUT("UT"),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX");

  private final String shortName;

  ResponseFlag(String shortName) {
    this.shortName = shortName;
  }

  /** As it stands in an access log. */
  public String shortName() {
    return shortName;
  }
}
