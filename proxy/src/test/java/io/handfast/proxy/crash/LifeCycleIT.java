package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Order.Kind.RESERVATIONS;
import static io.handfast.proxy.crash.Order.Kind.TICKETS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** How the process of a sidecar starts, drains and ends. */
@Execution(ExecutionMode.CONCURRENT)
final class LifeCycleIT {
  /** In place of the sidecar's own port, so that a second one can be started beside it. */
  private static final String OTHER_ADMIN =
      "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}";

  private static final Pattern COMMITTED =
      Pattern.compile("([0-9a-f]{32}) +coordinator .* committed ");

  @RegisterExtension final MeshLease lease = new MeshLease();

  @TempDir Path directory;

  @Test
  void shouldEndItsTransactionsBeforeItExitsWhenTheCoordinatorIsTerminated() throws Exception {
    // Given
    SidecarProcess front = lease.mesh().frontSidecar();
    Hold hold = Hold.next(lease.mesh());
    Order order = lease.order(RESERVATIONS);
    Future<Told> answer = lease.mesh().place(order);
    hold.awaitCalled();
    // When
    front.terminate();
    front.awaitNotReady("DRAINING");
    Told late = Settlement.await(lease.mesh().place(lease.order(RESERVATIONS)));
    hold.release();
    Told told = Settlement.await(answer);
    // Then
    assertThat(front.awaitExit()).isZero();
    assertThat(late.status()).as("%s", late).isEqualTo(-1);
    assertThat(told.committed()).as("%s", told).isTrue();
    assertThat(told.closes()).as("%s", told).isTrue();
    front.restart();
    lease.settle(order, told, true);
  }

  @Test
  void shouldHearTheOutcomeBeforeItExitsWhenAParticipantIsTerminated() throws Exception {
    // Given
    SidecarProcess back = lease.mesh().backSidecar();
    Hold hold = Hold.next(lease.mesh());
    Order order = lease.order(TICKETS);
    Future<Told> answer = lease.mesh().place(order);
    hold.awaitCalled();
    // When
    back.terminate();
    back.awaitNotReady("DRAINING");
    hold.release();
    Told told = Settlement.await(answer);
    // Then
    assertThat(back.awaitExit()).isZero();
    assertThat(lease.mesh().back().state(order.key())).isEqualTo(Books.State.CONFIRMED);
    back.restart();
    lease.settle(order, told, true);
  }

  @Test
  void shouldExitWithATransactionInFlightWhenTheDrainTimeIsUp() throws Exception {
    // Given
    SidecarProcess front = lease.mesh().frontSidecar();
    front.kill();
    front.start("--drain-time-s", "1");
    front.awaitReady();
    Hold hold = Hold.next(lease.mesh());
    Order order = lease.order(RESERVATIONS);
    Future<Told> answer = lease.mesh().place(order);
    hold.awaitCalled();
    // When
    front.terminate();
    int exitCode = front.awaitExit();
    hold.release();
    // Then
    assertThat(exitCode).isZero();
    assertThat(front.lastWords()).contains("drained: everythingEnded=false");
    front.restart();
    lease.settle(order, Settlement.await(answer), false);
  }

  @Test
  void shouldExitAtOnceWhenTerminatedTwice() throws Exception {
    // Given
    SidecarProcess front = lease.mesh().frontSidecar();
    Hold hold = Hold.next(lease.mesh());
    Order order = lease.order(TICKETS);
    Future<Told> answer = lease.mesh().place(order);
    hold.awaitCalled();
    front.terminate();
    front.awaitNotReady("DRAINING");
    // When
    front.terminate();
    int exitCode = front.awaitExit();
    hold.release();
    // Then
    assertThat(exitCode).isZero();
    assertThat(front.lastWords()).contains("SIGTERM while draining since SIGTERM: closing now");
    front.restart();
    lease.settle(order, Settlement.await(answer), false);
  }

  @Test
  void shouldExitWithZeroWhenToldToQuit() throws Exception {
    // Given
    SidecarProcess back = lease.mesh().backSidecar();
    // When
    back.quit();
    // Then
    assertThat(back.awaitExit()).isZero();
    assertThat(back.lastWords()).contains("/quitquitquit: draining for at most 600 s");
    back.restart();
    Order order = lease.order(RESERVATIONS);
    lease.settle(order, Settlement.await(lease.mesh().place(order)), true);
  }

  @Test
  void shouldRefuseToStartWhenAnotherProcessHasItsStore() throws Exception {
    // Given
    SidecarProcess back = lease.mesh().backSidecar();
    // When
    SidecarProcess.Ended second =
        back.run("proxy", "-c", back.config().toString(), "--config-yaml", OTHER_ADMIN);
    // Then
    assertThat(second.exitCode()).as(second.output()).isEqualTo(1);
    assertThat(second.output())
        .contains("cannot start: handfast.transaction_manager: store.journal: ");
    Order order = lease.order(RESERVATIONS);
    lease.settle(order, Settlement.await(lease.mesh().place(order)), true);
  }

  @Test
  void shouldNameEveryErrorAndExitWithOneWhenTheConfigurationIsBad() throws Exception {
    // Given
    SidecarProcess back = lease.mesh().backSidecar();
    Path bad =
        Files.writeString(
            directory.resolve("bad.yaml"),
            """
            static_resources:
              clusters:
              - { name: a, connect_timeout: -1s }
              - { name: b, lb_policy: NO_SUCH }
            """);
    // When
    SidecarProcess.Ended serve = back.run("proxy", "-c", bad.toString());
    SidecarProcess.Ended validate = back.run("proxy", "-c", bad.toString(), "--mode", "validate");
    // Then
    for (SidecarProcess.Ended ended : List.of(serve, validate)) {
      assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
      assertThat(ended.output())
          .contains("static_resources.clusters[0]", "static_resources.clusters[1]")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void shouldExitWithZeroAndTouchNothingWhenAGoodConfigurationIsOnlyValidated() throws Exception {
    // Given
    SidecarProcess back = lease.mesh().backSidecar();
    // When
    SidecarProcess.Ended ended =
        back.run("proxy", "-c", back.config().toString(), "--mode", "validate");
    // Then
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("configuration '" + back.config() + "' OK");
  }

  @Test
  void shouldShowItsTransactionsWhenAskedOnTheCommandLine() throws Exception {
    // Given
    SidecarProcess front = lease.mesh().frontSidecar();
    Order order = lease.order(RESERVATIONS);
    lease.settle(order, Settlement.await(lease.mesh().place(order)), true);
    // When
    SidecarProcess.Ended list = front.run("tx", "list", "--admin", front.adminAddress());
    // Then
    assertThat(list.exitCode()).as(list.output()).isZero();
    assertThat(list.output()).contains("service front, control 127.0.0.1:", "in flight: 0");
    Matcher committed = COMMITTED.matcher(list.output());
    assertThat(committed.find()).as(list.output()).isTrue();
    // When
    SidecarProcess.Ended show =
        front.run("tx", "show", committed.group(1), "--admin", front.adminAddress());
    // Then
    assertThat(show.exitCode()).as(show.output()).isZero();
    assertThat(show.output()).contains("  tx-id        " + committed.group(1), "\ntimeline\n");
  }
}
