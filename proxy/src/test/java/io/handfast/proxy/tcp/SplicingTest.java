package io.handfast.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SplicingTest {
  private final List<FileDescriptor> opened = new ArrayList<>();

  @BeforeEach
  void needEpoll() {
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
  }

  @AfterEach
  void close() throws IOException {
    for (FileDescriptor each : opened) {
      each.close();
    }
  }

  private FileDescriptor[] pipe() throws IOException {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    opened.addAll(List.of(pipe));
    return pipe;
  }

  /** What goes into an empty one until it is full. */
  private static int capacity(FileDescriptor[] pipe) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(2 << 20);
    return pipe[1].write(bytes, 0, bytes.capacity());
  }

  @Test
  void shouldGrowAsManyPipesAsThereMayBe() throws IOException {
    // Given
    Splicing splicing = new Splicing(new PipeCapacity(Runnable::run));
    assertThat(splicing.take()).isTrue();
    for (int i = 0; i < Splicing.MAX_LARGE; i++) {
      FileDescriptor[] pipe = pipe();

      // When, Then
      assertThat(splicing.grow(pipe[1])).isTrue();
      assertThat(capacity(pipe)).isEqualTo(Splicing.LARGE_PIPE);
    }
    FileDescriptor[] oneTooMany = pipe();
    assertThat(splicing.grow(oneTooMany[1])).isFalse();
    assertThat(capacity(oneTooMany)).isLessThan(Splicing.LARGE_PIPE);

    // When one is closed
    splicing.shrunk();
    assertThat(splicing.grow(pipe()[1])).isTrue();
  }

  @Test
  void shouldStayBelowWhatTheKernelGivesAUser() {
    long ordinary = 2L * Splicing.MAX_CONNECTIONS - Splicing.MAX_LARGE;

    assertThat(ordinary * Splicing.PIPE + (long) Splicing.MAX_LARGE * Splicing.LARGE_PIPE)
        .isLessThanOrEqualTo(64L << 20);
  }

  @Test
  void shouldLeavePipesAloneUntilTheCallIsLinked() throws IOException {
    // Given
    Queue<Runnable> background = new ArrayDeque<>();
    Splicing splicing = new Splicing(new PipeCapacity(background::add));
    FileDescriptor[] pipe = pipe();

    // When
    splicing.take();
    splicing.take();

    // Then
    assertThat(background).hasSize(1);
    assertThat(splicing.grow(pipe[1])).isFalse();
    assertThat(splicing.large()).isZero();
    background.remove().run();
    assertThat(splicing.grow(pipe[1])).isTrue();
    assertThat(splicing.large()).isEqualTo(1);
  }

  @Test
  void shouldLeaveAPipeAloneWhenTheKernelRefuses() throws IOException {
    // Given
    PipeCapacity capacity = new PipeCapacity(Runnable::run);
    capacity.prepare();
    FileDescriptor[] pipe = pipe();

    // When, Then: more than there can be of anything
    assertThat(capacity.set(pipe[1], Integer.MAX_VALUE)).isFalse();
    assertThat(capacity(pipe)).isLessThan(Splicing.LARGE_PIPE);
  }
}
