package io.handfast.proxy.cluster.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.runtime.ManualDispatcher;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AddressRaceTest implements AddressRace.Result {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ManualDispatcher loop = new ManualDispatcher();
  private final List<ChannelPromise> attempts = new ArrayList<>();
  private final List<Integer> timeouts = new ArrayList<>();
  private final List<Object> told = new ArrayList<>();

  @AfterEach
  void close() {
    attempts.forEach(attempt -> ((EmbeddedChannel) attempt.channel()).finishAndReleaseAll());
  }

  @Override
  public void onConnected(Channel channel) {
    told.add(channel);
  }

  @Override
  public void onFailed(@Nullable Throwable cause) {
    told.add(cause == null ? "given up" : cause);
  }

  private AddressRace race(int addresses) {
    List<SocketAddress> all =
        IntStream.rangeClosed(1, addresses)
            .mapToObj(port ->
                (SocketAddress) new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    AddressRace race =
        new AddressRace(
            loop,
            (address, timeoutMillis) -> {
              timeouts.add(timeoutMillis);
              attempts.add(new EmbeddedChannel().newPromise());
              return attempts.getLast();
            },
            all,
            TIMEOUT,
            this);
    race.start();
    return race;
  }

  private void settle(int attempt, @Nullable Exception failure) {
    if (failure == null) {
      attempts.get(attempt).setSuccess();
    } else {
      attempts.get(attempt).setFailure(failure);
    }
    ((EmbeddedChannel) attempts.get(attempt).channel()).runPendingTasks();
    loop.runTasks();
  }

  private boolean isOpen(int attempt) {
    return attempts.get(attempt).channel().isOpen();
  }

  @Test
  void shouldKeepTheFirstThatAnswersAndCloseTheOthers() {
    // Given
    race(3);
    loop.advance(AddressRace.DELAY);
    loop.advance(AddressRace.DELAY);
    assertThat(attempts).hasSize(3);

    // When
    settle(1, null);

    // Then
    assertThat(told).containsExactly(attempts.get(1).channel());
    assertThat(List.of(isOpen(0), isOpen(1), isOpen(2))).containsExactly(false, true, false);
  }

  @Test
  void shouldCloseOneThatAnswersTooLate() {
    // Given
    race(2);
    loop.advance(AddressRace.DELAY);
    settle(0, null);

    // When
    settle(1, null);

    // Then
    assertThat(told).containsExactly(attempts.get(0).channel());
    assertThat(isOpen(1)).isFalse();
  }

  @Test
  void shouldTryTheNextAtOnceWhenOneFailsAndEachOnce() {
    // Given
    IOException last = new IOException("refused too");
    race(2);

    // When
    settle(0, new IOException("refused"));
    int afterFirst = attempts.size();
    loop.advance(AddressRace.DELAY);
    settle(1, last);

    // Then
    assertThat(afterFirst).isEqualTo(2);
    assertThat(attempts).hasSize(2);
    assertThat(told).containsExactly(last);
  }

  @Test
  void shouldGiveAllOfThemOneTimeTogether() {
    // Given
    ConnectTimeoutException late = new ConnectTimeoutException();
    race(3);
    loop.advance(AddressRace.DELAY);

    // When: the time of the first is that of all
    settle(0, late);
    settle(1, late);

    // Then
    assertThat(timeouts).containsExactly(5000, 4700);
    assertThat(attempts).hasSize(2);
    assertThat(told).containsExactly(late);
    loop.advance(TIMEOUT);
    assertThat(attempts).hasSize(2);
  }

  @Test
  void shouldCloseWhatWasTriedWhenItIsGivenUp() {
    // Given
    AddressRace race = race(2);

    // When
    race.giveUp();
    loop.runTasks();
    loop.advance(AddressRace.DELAY);

    // Then
    assertThat(told).containsExactly("given up");
    assertThat(isOpen(0)).isFalse();
    assertThat(attempts).hasSize(1);
  }
}
