package io.handfast.proxy.listener;

import io.handfast.proxy.config.listener.ListenerFilterConfig;
import io.handfast.proxy.config.listener.ListenerInspection;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.InspectorStats;
import io.handfast.proxy.stats.ListenerStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the listener filters on one connection, one after the other. What they read is kept, bounded
 * by what they want to see, and given to whoever takes the connection afterwards. Confined to the
 * connection's loop.
 */
final class Inspection extends ChannelInboundHandlerAdapter implements ServerConnection {
  private static final Logger LOG = LoggerFactory.getLogger(Inspection.class);

  private final Channel channel;
  private final ListenerInspection config;
  private final Findings findings;
  private final Dispatcher loop;
  private final ListenerStats stats;
  private final InspectorStats found;
  private final List<SocketAddress> bound;
  private final Predicate<Inspection> next;
  private final Iterator<ListenerFilterConfig> left;
  private @Nullable Inspector inspector;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf begin;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private boolean over;
  private boolean handedOn;
  private boolean draining;

  /**
   * @param bound where the listener is; empty if nobody binds it
   * @param next takes the connection and adds to its pipeline; false: it did not
   */
  Inspection(
      Channel channel,
      ListenerInspection config,
      Findings findings,
      Dispatcher loop,
      ListenerStats stats,
      InspectorStats found,
      List<SocketAddress> bound,
      Predicate<Inspection> next) {
    this.channel = channel;
    this.config = config;
    this.findings = findings;
    this.loop = loop;
    this.stats = stats;
    this.found = found;
    this.bound = bound;
    this.next = next;
    this.left = config.filters().iterator();
  }

  Findings findings() {
    return findings;
  }

  /** Whether somebody had it then, or it found nobody who would. */
  boolean isHandedOn() {
    return handedOn;
  }

  /** Begins; if nothing has to be read, that is all. */
  void start() {
    proceed();
    if (!over) {
      channel.pipeline().addLast(this);
      stats.preCxActive.inc();
      if (config.timeout().isPositive()) {
        timer = loop.schedule(config.timeout(), this::onTimeout);
      }
    }
  }

  /** Runs filters until one needs bytes that have not come. */
  private void proceed() {
    while (!over) {
      Inspector now = inspector == null ? nextInspector() : inspector;
      inspector = now;
      ByteBuf bytes = begin;
      if (now == null || bytes == null) {
        return;
      }
      switch (now.inspect(bytes)) {
        case MORE -> {
          return;
        }
        case DONE -> inspector = null;
        case REFUSED -> refuse("refused by a listener filter");
      }
    }
  }

  /** The next filter that reads; null if there is none, and it is over. */
  private @Nullable Inspector nextInspector() {
    while (left.hasNext()) {
      ListenerFilterConfig filter = left.next();
      if (filter.disabled().matches(findings.destinationPort())) {
        continue;
      }
      switch (filter) {
        case ListenerFilterConfig.OriginalDst _ -> {
          if (!restore()) {
            return null;
          }
        }
        case ListenerFilterConfig.TlsInspector _ -> {
          return new TlsInspector(findings, found);
        }
        case ListenerFilterConfig.HttpInspector _ -> {
          if (!findings.isTls()) {
            return new HttpInspector(findings, found);
          }
        }
      }
    }
    finish();
    return null;
  }

  /** A connection that was made to this listener would come back for ever: it is refused. */
  private boolean restore() {
    InetSocketAddress original = OriginalDestination.of(channel);
    if (original == null) {
      return true;
    }
    if (bound.stream()
        .anyMatch(own ->
            own instanceof InetSocketAddress internet
                && OriginalDestination.isLoop(original, internet))) {
      refuse("its destination is this listener: " + original);
      return false;
    }
    findings.restored(original);
    return true;
  }

  private void onTimeout() {
    if (over) {
      return;
    }
    stats.preCxTimeout.inc();
    if (config.continueOnTimeout()) {
      ChannelHandlerContext ctx = context;
      finish();
      if (ctx != null && channel.isActive()) {
        ctx.fireChannelReadComplete();
        ctx.pipeline().remove(this);
      }
    } else {
      LOG.debug("connection {}: closed: no end of its listener filters in time", channel);
      end();
      channel.close();
    }
  }

  private void refuse(String reason) {
    LOG.debug("connection {}: closed: {}", channel, reason);
    stats.listenerFilterError.inc();
    end();
    channel.close();
  }

  /** Everything is known that there is to know. */
  private void finish() {
    ByteBuf bytes = begin;
    begin = null;
    end();
    handedOn = true;
    boolean taken = next.test(this);
    if (bytes == null) {
      return;
    }
    if (taken && context != null && channel.isActive()) {
      context.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  /** Nothing is inspected any more. */
  private void end() {
    over = true;
    timer.cancel();
    if (context != null) {
      stats.preCxActive.dec();
    }
    ByteBuf bytes = begin;
    begin = null;
    if (bytes != null) {
      bytes.release();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (ctx.channel().isActive()) {
      ctx.read();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (over) {
      bytes.release();
      return;
    }
    append(ctx, bytes);
    proceed();
    if (over && ctx.channel().isActive()) {
      ctx.pipeline().remove(this);
    }
  }

  private void append(ChannelHandlerContext ctx, ByteBuf bytes) {
    switch (begin) {
      case null -> begin = bytes;
      case CompositeByteBuf parts -> parts.addComponent(true, bytes);
      case ByteBuf first ->
          begin =
              ctx.alloc()
                  .compositeBuffer(Integer.MAX_VALUE)
                  .addComponent(true, first)
                  .addComponent(true, bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!over) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!over) {
      stats.listenerFilterRemoteClose.inc();
      end();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection {}: {}", ctx.channel(), cause.getMessage());
    } else {
      LOG.error("connection {}: closed after a bug", ctx.channel(), cause);
    }
    ctx.close();
  }

  /** What has begun is drained by who takes it; who sends nothing for a while has nothing begun. */
  @Override
  public void drain() {
    if (!over && begin == null && !draining) {
      draining = true;
      loop.schedule(
          DRAIN_GRACE,
          () -> {
            if (!over && begin == null) {
              close();
            }
          });
    }
  }

  @Override
  public void close() {
    channel.close();
  }
}
