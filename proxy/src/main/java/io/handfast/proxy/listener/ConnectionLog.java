package io.handfast.proxy.listener;

import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.List;

/**
 * What the access logs of a listener are told of one connection, at its end. In its pipeline it
 * counts what passes there, decrypted where there is TLS. Confined to the connection's loop.
 */
final class ConnectionLog extends ChannelDuplexHandler {
  private final List<AccessLog> logs;
  private final Dispatcher loop;
  private final Findings findings;
  private ConnectionInfo info;
  private String failure = "";
  private long received;
  private long sent;

  /**
   * @param logs at least one
   * @param info as far as it is known
   */
  ConnectionLog(List<AccessLog> logs, Dispatcher loop, Findings findings, ConnectionInfo info) {
    this.logs = logs;
    this.loop = loop;
    this.findings = findings;
    this.info = info;
  }

  /** More is known of it now. */
  void info(ConnectionInfo now) {
    info = now;
  }

  /** TLS was not negotiated on it. */
  void failed(String reason) {
    failure = reason;
  }

  /** It has ended. */
  void end() {
    log(record());
  }

  /** It was closed, because no filter chain is for it. */
  void endWithoutChain() {
    StreamInfo record = record();
    record.flag(ResponseFlag.NO_ROUTE_FOUND);
    record.details("filter_chain_not_found");
    log(record);
  }

  private StreamInfo record() {
    StreamInfo record =
        StreamInfo.ofListener(info, findings.acceptedEpochMillis(), findings.acceptedNanos());
    record.downstreamFailure(failure);
    record.received(received);
    record.sent(sent);
    record.ended(loop.nanoTime(), true, null);
    return record;
  }

  private void log(StreamInfo record) {
    for (AccessLog log : logs) {
      log.log(record, null, null, null);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      received += bytes.readableBytes();
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      sent += bytes.readableBytes();
    }
    ctx.write(message, promise);
  }
}
