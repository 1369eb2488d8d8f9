package io.handfast.proxy.config;

import java.time.Duration;

/**
 * Options of the HTTP/2 codec ({@code Http2ProtocolOptions}).
 *
 * @param hpackTableBytes of the dynamic table, in either direction
 * @param maxConcurrentStreams of one connection
 * @param initialStreamWindowBytes what a peer may send ahead on a stream
 * @param initialConnectionWindowBytes and on all streams of a connection together
 * @param maxOutboundFrames that may wait for a peer that does not read
 * @param maxOutboundControlFrames of them PING, SETTINGS and RST_STREAM
 * @param maxConsecutiveEmptyFrames that carry nothing and end nothing
 * @param maxPriorityFramesPerStream PRIORITY frames
 * @param maxWindowUpdatesPerDataFrame WINDOW_UPDATE frames for each DATA frame of ours
 * @param allowConnect whether clients are offered extended CONNECT (RFC 8441)
 * @param keepalive pings of ours
 */
public record Http2Options(
    int hpackTableBytes,
    int maxConcurrentStreams,
    int initialStreamWindowBytes,
    int initialConnectionWindowBytes,
    int maxOutboundFrames,
    int maxOutboundControlFrames,
    int maxConsecutiveEmptyFrames,
    int maxPriorityFramesPerStream,
    int maxWindowUpdatesPerDataFrame,
    boolean allowConnect,
    Keepalive keepalive) {

  private static final int MIN_WINDOW_BYTES = 65_535;
  private static final int MAX_TABLE_BYTES = 1 << 20;

  /**
   * Envoy's, but for the windows: its 256 MiB would be the memory that one peer may take. A stream
   * that is not read keeps its 256 KiB of the connection's 16 MiB: 64 such streams, not a few, make
   * the others of a client's connection wait. On an endpoint's connection, whose streams are those
   * of many clients, it is 256 of them that make the others wait, and 80 MiB that may be held: four
   * windows that are given back before anybody has taken them, and the one that is open.
   */
  public static final Http2Options DEFAULTS =
      new Http2Options(
          4096, 1024, 256 << 10, 16 << 20, 10_000, 1000, 1, 100, 10, false, Keepalive.NONE);

  /**
   * When a peer is asked whether it is there.
   *
   * @param interval between two pings; zero: none
   * @param timeout for the answer, then the connection is closed
   * @param jitterPercent of the interval, by which it is drawn longer
   * @param idleInterval a connection that was idle for longer is asked before its next stream;
   *     zero: none
   */
  public record Keepalive(
      Duration interval, Duration timeout, int jitterPercent, Duration idleInterval) {

    public static final Keepalive NONE =
        new Keepalive(Duration.ZERO, Duration.ofSeconds(10), 15, Duration.ZERO);

    public Keepalive {
      Checks.notNegative("interval", interval);
      Checks.positive("timeout", timeout);
      Checks.inRange("interval_jitter", jitterPercent, 0, 100);
      Checks.notNegative("connection_idle_interval", idleInterval);
    }
  }

  public Http2Options {
    Checks.inRange("hpack_table_size", hpackTableBytes, 0, MAX_TABLE_BYTES);
    Checks.inRange("max_concurrent_streams", maxConcurrentStreams, 1, Integer.MAX_VALUE);
    Checks.inRange(
        "initial_stream_window_size",
        initialStreamWindowBytes,
        MIN_WINDOW_BYTES,
        Integer.MAX_VALUE);
    Checks.inRange(
        "initial_connection_window_size",
        initialConnectionWindowBytes,
        MIN_WINDOW_BYTES,
        Integer.MAX_VALUE);
    Checks.inRange("max_outbound_frames", maxOutboundFrames, 1, Integer.MAX_VALUE);
    Checks.inRange("max_outbound_control_frames", maxOutboundControlFrames, 1, Integer.MAX_VALUE);
    Checks.inRange(
        "max_consecutive_inbound_frames_with_empty_payload",
        maxConsecutiveEmptyFrames,
        0,
        Integer.MAX_VALUE);
    Checks.inRange(
        "max_inbound_priority_frames_per_stream", maxPriorityFramesPerStream, 0, Integer.MAX_VALUE);
    Checks.inRange(
        "max_inbound_window_update_frames_per_data_frame_sent",
        maxWindowUpdatesPerDataFrame,
        1,
        Integer.MAX_VALUE);
  }
}
