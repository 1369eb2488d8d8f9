package io.handfast.proxy.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests of one connection, one after the other: pipelined ones wait for the answer before them.
 * Confined to the connection's loop.
 */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

  /** Requests of one connection that may wait; a client that sends more is no client of ours. */
  private static final int MAX_WAITING = 16;

  /**
   * For answers that come from elsewhere; longer than a store may take to say that it does not take
   * an operator's word ({@code Bounds.WRITE_PATIENCE}), and shorter than our command waits.
   */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

  private static final int MAX_PARAMETERS = 64;
  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
  private static final Rarely REFUSED = new Rarely();

  private final AdminRouter router;
  private final String configuredHost;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean busy;

  AdminHandler(AdminRouter router, String configuredHost) {
    this.router = router;
    this.configuredHost = configuredHost;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    Runnable task = task(ctx, request);
    if (!busy) {
      busy = true;
      task.run();
    } else if (waiting.size() < MAX_WAITING) {
      waiting.add(task);
    } else {
      ctx.close();
    }
  }

  /** What to do when it is this request's turn; needs nothing of its buffers. */
  private Runnable task(ChannelHandlerContext ctx, FullHttpRequest request) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (request.decoderResult().isFailure()) {
      return () -> write(ctx, AdminResponse.text(400, "malformed request\n"), head, true);
    }
    Optional<String> refusal = refusal(request);
    if (refusal.isPresent()) {
      long times = REFUSED.happened();
      if (times > 0) {
        LOG.warn("administration request refused: {} times={}", refusal.get(), times);
      }
      return () -> write(ctx, AdminResponse.text(403, refusal.get() + "\n"), head, true);
    }
    String method = request.method().name();
    try {
      AdminRequest parsed = parse(request.uri(), request.headers().get(OperatorToken.HEADER));
      return () -> await(ctx, router.handle(method, parsed), head);
    } catch (IllegalArgumentException e) {
      return () -> write(ctx, AdminResponse.text(400, "malformed path or query\n"), head, true);
    }
  }

  private Optional<String> refusal(FullHttpRequest request) {
    return request.method().equals(HttpMethod.POST)
        ? BrowserGuard.refusal(
            request.headers().get(HttpHeaderNames.HOST),
            request.headers().get(HttpHeaderNames.ORIGIN),
            configuredHost)
        : Optional.empty();
  }

  private void answered() {
    Runnable next = waiting.poll();
    if (next == null) {
      busy = false;
    } else {
      next.run();
    }
  }

  private static AdminRequest parse(String uri, @Nullable String token) {
    QueryStringDecoder decoder =
        new QueryStringDecoder(uri, StandardCharsets.UTF_8, true, MAX_PARAMETERS);
    Map<String, String> query = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> parameter : decoder.parameters().entrySet()) {
      query.put(parameter.getKey(), parameter.getValue().getFirst());
    }
    return new AdminRequest(decoder.path(), query, token);
  }

  private void await(
      ChannelHandlerContext ctx, CompletionStage<AdminResponse> answer, boolean head) {
    Once once = new Once();
    ScheduledFuture<?> timeout =
        ctx.executor()
            .schedule(
                () ->
                    once.run(() ->
                        write(ctx, AdminResponse.text(504, "no answer in time\n"), head, true)),
                ANSWER_TIMEOUT.toMillis(),
                TimeUnit.MILLISECONDS);
    answer.whenComplete((response, failure) ->
        onLoop(
            ctx,
            () -> {
              timeout.cancel(false);
              once.run(() -> write(ctx, response, head, false));
            }));
  }

  private static void onLoop(ChannelHandlerContext ctx, Runnable task) {
    if (ctx.executor().inEventLoop()) {
      task.run();
    } else {
      ctx.executor().execute(task);
    }
  }

  /** The first of answer and timeout is sent. */
  private static final class Once {
    private boolean done;

    void run(Runnable task) {
      if (!done) {
        done = true;
        task.run();
      }
    }
  }

  private void write(ChannelHandlerContext ctx, AdminResponse answer, boolean head, boolean close) {
    ByteBuf body = Unpooled.copiedBuffer(answer.body(), StandardCharsets.UTF_8);
    int length = body.readableBytes();
    if (head) {
      body.clear();
    }
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, max-age=0")
        .set("x-content-type-options", "nosniff")
        .set(
            HttpHeaderNames.CONTENT_SECURITY_POLICY,
            "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
        .set(HttpHeaderNames.SERVER, "handfast");
    if (close) {
      response.headers().set(HttpHeaderNames.CONNECTION, "close");
    }
    ctx.writeAndFlush(response).addListener(sent -> answered());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug(
        "administration connection closed: peer={} reason={}",
        ctx.channel().remoteAddress(),
        cause.toString());
    ctx.close();
  }
}
