package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.netty.channel.ChannelException;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NettyNameResolverTest {
  private final CountingLoop loop = new CountingLoop();
  private final NettyNameResolver resolver = new NettyNameResolver(loop, this::newSocket);
  private boolean tooManyFiles;

  private DatagramChannel newSocket() {
    if (tooManyFiles) {
      throw new ChannelException("too many open files");
    }
    return new NioDatagramChannel();
  }

  /** Says how many sockets it has. */
  private static final class CountingLoop extends SingleThreadIoEventLoop {
    private CountingLoop() {
      super(null, new DefaultThreadFactory("resolver-test", true), NioIoHandler.newFactory());
    }

    /** Asked on the loop, behind what opens them. */
    private int sockets() throws Exception {
      return submit(this::getNumOfRegisteredChannels).get(5, TimeUnit.SECONDS);
    }
  }

  /** What a name stands for, or why nobody knows. */
  private static final class Answer implements NameResolver.Callback {
    private final CompletableFuture<List<InetAddress>> addresses = new CompletableFuture<>();
    private final CompletableFuture<String> failure = new CompletableFuture<>();

    @Override
    public void onAddresses(List<InetAddress> all) {
      addresses.complete(all);
    }

    @Override
    public void onFailure(String problem) {
      failure.complete(problem);
    }
  }

  @AfterEach
  void close() {
    resolver.close();
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void shouldOpenNoSocketForAnAddress() throws Exception {
    Answer answer = new Answer();

    resolver.resolve("127.0.0.1", DnsLookupFamily.V4_ONLY, answer);

    assertThat(answer.addresses.get(5, TimeUnit.SECONDS))
        .containsExactly(InetAddress.getLoopbackAddress());
    assertThat(loop.sockets()).isZero();
  }

  @Test
  void shouldOpenOneSocketForNamesOfOneFamily() throws Exception {
    for (int i = 0; i < 2; i++) {
      Answer answer = new Answer();
      resolver.resolve("localhost", DnsLookupFamily.V4_ONLY, answer);
      assertThat(answer.addresses.get(5, TimeUnit.SECONDS)).isNotEmpty();
    }

    assertThat(loop.sockets()).isOne();
  }

  @Test
  void shouldFailWithoutASocketAndTryAgainForTheNextName() throws Exception {
    // Given
    tooManyFiles = true;
    Answer first = new Answer();
    Answer second = new Answer();

    // When
    resolver.resolve("localhost", DnsLookupFamily.V4_ONLY, first);
    tooManyFiles = false;
    resolver.resolve("localhost", DnsLookupFamily.V4_ONLY, second);

    // Then
    assertThat(first.failure.get(5, TimeUnit.SECONDS)).contains("too many open files");
    assertThat(second.addresses.get(5, TimeUnit.SECONDS)).isNotEmpty();
    assertThat(loop.sockets()).isOne();
  }

  @Test
  void shouldSayThatItIsClosed() throws Exception {
    resolver.close();
    Answer answer = new Answer();

    resolver.resolve("localhost", DnsLookupFamily.V4_ONLY, answer);

    assertThat(answer.failure.get(5, TimeUnit.SECONDS)).contains("closed");
    assertThat(loop.sockets()).isZero();
  }
}
