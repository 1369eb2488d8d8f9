package io.handfast.proxy.config.compile;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.config.extension.Scope;
import java.time.Duration;

/** {@code Http2ProtocolOptions}, of a connection manager and of a cluster. */
final class Http2Compiler {

  private Http2Compiler() {}

  static Http2Options compile(Http2ProtocolOptions proto, Scope scope) {
    Http2Options defaults = Http2Options.DEFAULTS;
    Keepalive keepalive =
        proto.hasConnectionKeepalive()
            ? keepalive(proto.getConnectionKeepalive(), scope.field("connection_keepalive"))
            : Keepalive.NONE;
    Http2Options built =
        scope.build(() ->
            new Http2Options(
                value(
                    proto.getHpackTableSize(),
                    proto.hasHpackTableSize(),
                    defaults.hpackTableBytes()),
                value(
                    proto.getMaxConcurrentStreams(),
                    proto.hasMaxConcurrentStreams(),
                    defaults.maxConcurrentStreams()),
                value(
                    proto.getInitialStreamWindowSize(),
                    proto.hasInitialStreamWindowSize(),
                    defaults.initialStreamWindowBytes()),
                value(
                    proto.getInitialConnectionWindowSize(),
                    proto.hasInitialConnectionWindowSize(),
                    defaults.initialConnectionWindowBytes()),
                value(
                    proto.getMaxOutboundFrames(),
                    proto.hasMaxOutboundFrames(),
                    defaults.maxOutboundFrames()),
                value(
                    proto.getMaxOutboundControlFrames(),
                    proto.hasMaxOutboundControlFrames(),
                    defaults.maxOutboundControlFrames()),
                value(
                    proto.getMaxConsecutiveInboundFramesWithEmptyPayload(),
                    proto.hasMaxConsecutiveInboundFramesWithEmptyPayload(),
                    defaults.maxConsecutiveEmptyFrames()),
                value(
                    proto.getMaxInboundPriorityFramesPerStream(),
                    proto.hasMaxInboundPriorityFramesPerStream(),
                    defaults.maxPriorityFramesPerStream()),
                value(
                    proto.getMaxInboundWindowUpdateFramesPerDataFrameSent(),
                    proto.hasMaxInboundWindowUpdateFramesPerDataFrameSent(),
                    defaults.maxWindowUpdatesPerDataFrame()),
                proto.getAllowConnect(),
                keepalive));
    return built == null ? defaults : built;
  }

  private static int value(UInt32Value proto, boolean set, int otherwise) {
    return set ? Scope.clamped(proto.getValue()) : otherwise;
  }

  private static Keepalive keepalive(KeepaliveSettings proto, Scope scope) {
    Duration interval =
        scope
            .field("interval")
            .duration(proto.hasInterval(), proto.getInterval(), Keepalive.NONE.interval());
    Duration timeout =
        scope
            .field("timeout")
            .duration(proto.hasTimeout(), proto.getTimeout(), Keepalive.NONE.timeout());
    Duration idle =
        scope
            .field("connection_idle_interval")
            .duration(
                proto.hasConnectionIdleInterval(),
                proto.getConnectionIdleInterval(),
                Keepalive.NONE.idleInterval());
    int jitter =
        proto.hasIntervalJitter()
            ? (int) proto.getIntervalJitter().getValue()
            : Keepalive.NONE.jitterPercent();
    Keepalive built = scope.build(() -> new Keepalive(interval, timeout, jitter, idle));
    return built == null ? Keepalive.NONE : built;
  }
}
