package io.handfast.proxy.http;

import io.handfast.proxy.http.forwarded.ForwardedFor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Facts about one stream, gathered as it goes; complete in {@link HttpFilter#onStreamEnd} and in
 * the access log. Times are of the stream's dispatcher clock; a point that was not reached is
 * {@link #NOT_REACHED}.
 *
 * <p>Confined to the stream's event loop.
 */
public final class StreamInfo {
  /** A duration to a point that was not reached. */
  public static final long NOT_REACHED = -1;

  private final ConnectionInfo connection;
  private final @Nullable HttpProtocol protocol;
  private final long startEpochMillis;
  private final long startNanos;
  private final boolean ofListener;

  private long limitNanos = Long.MAX_VALUE;
  private long requestEndAfterNanos = NOT_REACHED;
  private long requestSentAfterNanos = NOT_REACHED;
  private long responseHeadAfterNanos = NOT_REACHED;
  private long responseSentAfterNanos = NOT_REACHED;
  private long endAfterNanos = NOT_REACHED;
  private long bytesReceived;
  private long bytesSent;
  private int status;
  private String forwardedFor = "";
  private int forwardedForSkipped;

  /** As they were set, which is how Envoy writes them; mostly none, seldom more than one. */
  private final List<ResponseFlag> flags = new ArrayList<>(0);

  private String details = "";
  private String requestId = "";
  private String routeName = "";
  private String virtualHost = "";
  private String cluster = "";
  private @Nullable SocketAddress upstreamHost;
  private String upstreamHostName = "";
  private @Nullable SocketAddress upstreamRemote;
  private @Nullable SocketAddress upstreamLocal;
  private @Nullable HttpProtocol upstreamProtocol;
  private String upstreamFailure = "";
  private String downstreamFailure = "";
  private int attempts;
  private boolean responseComplete;
  private @Nullable ResetReason resetReason;

  /** A stream that begins now. */
  public StreamInfo(
      ConnectionInfo connection, HttpProtocol protocol, long startEpochMillis, long startNanos) {
    this.connection = connection;
    this.protocol = protocol;
    this.startEpochMillis = startEpochMillis;
    this.startNanos = startNanos;
    this.ofListener = false;
  }

  /** A TCP connection that begins now. */
  public StreamInfo(ConnectionInfo connection, long startEpochMillis, long startNanos) {
    this(connection, startEpochMillis, startNanos, false);
  }

  private StreamInfo(
      ConnectionInfo connection, long startEpochMillis, long startNanos, boolean ofListener) {
    this.connection = connection;
    this.protocol = null;
    this.startEpochMillis = startEpochMillis;
    this.startNanos = startNanos;
    this.ofListener = ofListener;
  }

  /** A connection as its listener sees it, whatever runs on it. */
  public static StreamInfo ofListener(
      ConnectionInfo connection, long startEpochMillis, long startNanos) {
    return new StreamInfo(connection, startEpochMillis, startNanos, true);
  }

  /** Whether it is a connection as its listener sees it. */
  public boolean ofListener() {
    return ofListener;
  }

  /** The client's connection. */
  public ConnectionInfo connection() {
    return connection;
  }

  /**
   * Who the client is, as far as proxies in front are believed: the address in {@code
   * x-forwarded-for}, its port unknown, else the peer of the connection.
   */
  public SocketAddress client() {
    InetAddress told = ForwardedFor.fromRight(forwardedFor, forwardedForSkipped);
    return told == null ? connection.remote() : new InetSocketAddress(told, 0);
  }

  /**
   * For the data path: proxies in front are believed.
   *
   * @param list of {@code x-forwarded-for}, as it came
   * @param skipped how many at its right are proxies
   */
  public void forwardedFor(String list, int skipped) {
    forwardedFor = list;
    forwardedForSkipped = skipped;
  }

  /** The client's HTTP version; not to be asked of a TCP connection. */
  public HttpProtocol protocol() {
    HttpProtocol known = protocol;
    if (known == null) {
      throw new IllegalStateException("protocol: none (expected: a stream of HTTP)");
    }
    return known;
  }

  /** The client's HTTP version as text; null for a TCP connection. */
  public @Nullable String protocolText() {
    return protocol == null ? null : protocol.text();
  }

  /** When it began, in milliseconds since the epoch. */
  public long startEpochMillis() {
    return startEpochMillis;
  }

  /** When it began, on the dispatcher's clock. */
  public long startNanos() {
    return startNanos;
  }

  /** How much is left, at that time, of what the stream may take; without a limit all there is. */
  public long leftNanos(long nowNanos) {
    return limitNanos == Long.MAX_VALUE ? limitNanos : limitNanos - (nowNanos - startNanos);
  }

  /** Whether there is a limit to what the stream may take. */
  public boolean hasLimit() {
    return limitNanos != Long.MAX_VALUE;
  }

  /** The stream may take that long from its begin; {@link Long#MAX_VALUE}: any time. */
  public void limitNanos(long limit) {
    this.limitNanos = limit;
  }

  /** From the begin to the last byte of the request. */
  public long requestEndAfterNanos() {
    return requestEndAfterNanos;
  }

  /** From the begin to the last byte of the request sent upstream. */
  public long requestSentAfterNanos() {
    return requestSentAfterNanos;
  }

  /** From the begin to the head of the upstream's response. */
  public long responseHeadAfterNanos() {
    return responseHeadAfterNanos;
  }

  /** From the begin to the head of the response sent to the client. */
  public long responseSentAfterNanos() {
    return responseSentAfterNanos;
  }

  /** From the begin to the end. */
  public long endAfterNanos() {
    return endAfterNanos;
  }

  /** Bytes of the request's body. */
  public long bytesReceived() {
    return bytesReceived;
  }

  /** Bytes of the response's body. */
  public long bytesSent() {
    return bytesSent;
  }

  /** Status of the response; 0 if there was none. */
  public int status() {
    return status;
  }

  /** Whether that flag is set. */
  public boolean hasFlag(ResponseFlag flag) {
    return flags.contains(flag);
  }

  /** Whether any flag is set. */
  public boolean hasFlags() {
    return !flags.isEmpty();
  }

  /** Which rule answered, {@code via_upstream} for the upstream. */
  public String details() {
    return details;
  }

  /** {@code x-request-id}; empty if there is none. */
  public String requestId() {
    return requestId;
  }

  /** Name of the route; empty if it has none or none matched. */
  public String routeName() {
    return routeName;
  }

  /** Name of the virtual host; empty if none matched. */
  public String virtualHost() {
    return virtualHost;
  }

  /** Name of the cluster; empty if none was chosen. */
  public String cluster() {
    return cluster;
  }

  /** The endpoint of the last attempt, by the address that it is known by. */
  public @Nullable SocketAddress upstreamHost() {
    return upstreamHost;
  }

  /**
   * Name of the endpoint of the last attempt; its address if it has none, empty if there is none.
   */
  public String upstreamHostName() {
    return upstreamHostName;
  }

  /** Where the upstream connection goes; null if there was none. */
  public @Nullable SocketAddress upstreamRemote() {
    return upstreamRemote;
  }

  /** Our end of the upstream connection. */
  public @Nullable SocketAddress upstreamLocal() {
    return upstreamLocal;
  }

  /** The upstream connection's HTTP version as text; null if there was none. */
  public @Nullable String upstreamProtocolText() {
    return upstreamProtocol == null ? null : upstreamProtocol.text();
  }

  /** Why the last attempt got no connection; empty if it did. */
  public String upstreamFailure() {
    return upstreamFailure;
  }

  /** How often the request was tried upstream. */
  public int attempts() {
    return attempts;
  }

  /**
   * Whether the response reached its clean end, as far as it was handed to the client's connection.
   */
  public boolean responseComplete() {
    return responseComplete;
  }

  /** Why the stream was reset; null if it was not. */
  public @Nullable ResetReason resetReason() {
    return resetReason;
  }

  /** For the data path: sets a flag. */
  public void flag(ResponseFlag flag) {
    if (!flags.contains(flag)) {
      flags.add(flag);
    }
  }

  /** For the data path. */
  public void requestEnded(long nowNanos) {
    requestEndAfterNanos = nowNanos - startNanos;
  }

  /** For the data path. */
  public void requestSent(long nowNanos) {
    requestSentAfterNanos = nowNanos - startNanos;
  }

  /** For the data path. */
  public void responseSent(long nowNanos) {
    responseSentAfterNanos = nowNanos - startNanos;
  }

  /** For the data path. */
  public void responseHeadReceived(long nowNanos) {
    responseHeadAfterNanos = nowNanos - startNanos;
  }

  /** For the data path. */
  public void ended(long nowNanos, boolean complete, @Nullable ResetReason reason) {
    endAfterNanos = nowNanos - startNanos;
    responseComplete = complete;
    resetReason = reason;
  }

  /** Why TLS with the client was not negotiated; empty if that is not so. */
  public String downstreamFailure() {
    return downstreamFailure;
  }

  /** For the data path. */
  public void downstreamFailure(String reason) {
    downstreamFailure = reason;
  }

  /** For the data path. */
  public void received(long bytes) {
    bytesReceived += bytes;
  }

  /** For the data path. */
  public void sent(long bytes) {
    bytesSent += bytes;
  }

  /** For the data path. */
  public void status(int code) {
    status = code;
  }

  /** For the data path. */
  public void details(String text) {
    details = text;
  }

  /** For the data path. */
  public void requestId(String id) {
    requestId = id;
  }

  /** For the data path. */
  public void route(String virtualHostName, String name) {
    virtualHost = virtualHostName;
    routeName = name;
  }

  /** For the data path. */
  public void cluster(String name) {
    cluster = name;
  }

  /** For the data path: one more attempt, which no endpoint has been found for yet. */
  public void attempt() {
    attempts++;
    upstreamHost = null;
    upstreamHostName = "";
    upstreamRemote = null;
    upstreamLocal = null;
    upstreamProtocol = null;
    upstreamFailure = "";
  }

  /** For the data path: the endpoint of the attempt. */
  public void upstreamHost(SocketAddress host, String name) {
    upstreamHost = host;
    upstreamHostName = name;
  }

  /**
   * For the data path: the connection of the attempt.
   *
   * @param spoken null for one of TCP
   */
  public void upstreamConnection(
      SocketAddress remote, @Nullable SocketAddress local, @Nullable HttpProtocol spoken) {
    upstreamRemote = remote;
    upstreamLocal = local;
    upstreamProtocol = spoken;
  }

  /** For the data path: the attempt got no connection. */
  public void upstreamFailure(String reason) {
    upstreamFailure = reason;
  }

  /** The flags by their short names, joined with commas; {@code -} if there is none. */
  public String flagsText() {
    return flagsText(ResponseFlag::shortName);
  }

  /** The flags by their long names, joined with commas; {@code -} if there is none. */
  public String longFlagsText() {
    return flagsText(ResponseFlag::longName);
  }

  private String flagsText(Function<ResponseFlag, String> name) {
    return flags.isEmpty() ? "-" : flags.stream().map(name).collect(Collectors.joining(","));
  }
}
