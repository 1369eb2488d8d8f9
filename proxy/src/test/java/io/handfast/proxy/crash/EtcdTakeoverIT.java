package io.handfast.proxy.crash;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.transaction.EtcdProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Sidecars on one etcd. One is killed with {@code kill -9} and never comes back, its disk with it:
 * the replica of its service finishes what it left, in seconds (T19).
 */
@Execution(ExecutionMode.CONCURRENT)
final class EtcdTakeoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path HOME = Training.HOME.resolve("etcd");
  private static @Nullable EtcdProcess etcd;

  @BeforeAll
  static void startEtcd() throws IOException {
    etcd = EtcdProcess.start(HOME, "http");
  }

  @AfterAll
  static void stopEtcd() {
    EtcdProcess running = etcd;
    if (running != null) {
      running.close();
    }
  }

  private static String endpoint() {
    return requireNonNull(etcd).endpoint();
  }

  /**
   * The store of a sidecar on a prefix of its own test, and routes whose replicas are equivalent.
   */
  private static String onEtcd(String yaml, String prefix) {
    return yaml.replace(
            "journal: { directory: journal }",
            "etcd: { endpoints: [\"%s\"], prefix: /%s, lease: 2s }".formatted(endpoint(), prefix))
        .replace("callback:\n", "callback:\n                        replicas: EQUIVALENT\n");
  }

  /** Another sidecar of the same service, with ports and a home of its own. */
  private static SidecarProcess replica(SidecarProcess of, String name, HttpClient client)
      throws IOException {
    String yaml = Files.readString(of.config());
    int admin = FreePorts.next();
    for (String port : ports(yaml)) {
      boolean isAdmin = of.adminAddress().endsWith(":" + port);
      yaml = yaml.replace(port, String.valueOf(isAdmin ? admin : FreePorts.next()));
    }
    Path home = Files.createDirectories(of.config().resolveSibling(name));
    Path config = Files.writeString(home.resolve("sidecar.yaml"), yaml);
    return new SidecarProcess(name, home, config, List.of(), admin, Training.jvm(), client);
  }

  /** The ports that a sidecar binds: administration, control and its listeners. */
  private static List<String> ports(String yaml) {
    String statics = yaml.substring(0, yaml.indexOf("\n  clusters:"));
    return Pattern.compile("port(?:_value)?: (\\d+)")
        .matcher(statics)
        .results()
        .map(match -> match.group(1))
        .distinct()
        .toList();
  }

  @Test
  void shouldFinishInSecondsWhatADeadCoordinatorDecided() throws Exception {
    SidecarJvm jvm = Training.jvm();
    try (HttpClient client = HttpClient.newHttpClient();
        Mesh mesh =
            new Mesh(HOME.resolve("coordinator"), jvm, jvm, yaml -> onEtcd(yaml, "c"), List.of());
        SidecarProcess replica = replica(mesh.frontSidecar(), "front-2", client)) {
      // Given
      mesh.start();
      replica.start();
      replica.awaitReady();
      Order order = Order.of("order-1", Order.Kind.RESERVATIONS);
      mesh.frontSidecar().arm(Scenario.AFTER_DECISION, 0);

      // When
      Future<Told> answer = mesh.place(order);
      mesh.frontSidecar().awaitCrash();

      // Then
      awaitConfirmed(mesh, order, replica);
      assertThat(Settlement.await(answer).aborted()).isFalse();
      Settlement.awaitLoad(replica, SidecarProcess.Load.NONE);
      Settlement.awaitLoad(mesh.backSidecar(), SidecarProcess.Load.NONE);
    }
  }

  @Test
  void shouldFinishInSecondsTheBranchOfADeadParticipant() throws Exception {
    SidecarJvm jvm = Training.jvm();
    try (HttpClient client = HttpClient.newHttpClient();
        Mesh mesh =
            new Mesh(HOME.resolve("participant"), jvm, jvm, yaml -> onEtcd(yaml, "p"), List.of());
        SidecarProcess replica = replica(mesh.backSidecar(), "back-2", client)) {
      // Given
      mesh.start();
      replica.start();
      replica.awaitReady();
      Order order = Order.of("order-2", Order.Kind.RESERVATIONS);
      mesh.whenCalled(mesh.backSidecar()::kill);

      // When
      Told told = Settlement.await(mesh.place(order));

      // Then
      assertThat(told.committed()).as("%s", told).isTrue();
      awaitConfirmed(mesh, order, replica);
      Settlement.awaitLoad(mesh.frontSidecar(), SidecarProcess.Load.NONE);
      Settlement.awaitLoad(replica, SidecarProcess.Load.NONE);
    }
  }

  private static void awaitConfirmed(Mesh mesh, Order order, SidecarProcess replica) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() ->
              mesh.front().state(order.key()) == Books.State.CONFIRMED
                  && mesh.back().state(order.key()) == Books.State.CONFIRMED);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          String.join(
              "\n",
              String.valueOf(e.getMessage()),
              mesh.front().state(order.key()) + ", " + mesh.back().state(order.key()),
              replica.lastWords(),
              mesh.frontSidecar().lastWords(),
              mesh.backSidecar().lastWords()),
          e);
    }
    assertThat(mesh.front().violations()).isEmpty();
    assertThat(mesh.back().violations()).isEmpty();
  }
}
