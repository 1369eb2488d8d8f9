package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.StormClients.Receipt;
import io.handfast.proxy.crash.Town.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A short storm over real sidecars under load: they are killed at random and at the points around
 * each force, stopped and woken, and robbed of their disks, one after the other, and each time
 * healed. When it is over all must agree: {@link StormLedger} says in what.
 *
 * <p>What happens to whom is drawn from a seed, which is printed: {@code -Dstorm.seed=N} repeats
 * it. What it hits is not repeated. {@code benchmarks/chaos} does more of it, and what needs root.
 */
@Execution(ExecutionMode.CONCURRENT)
final class StormIT {
  private static final List<Place> PLACES = List.of(Place.values());
  private static final int CLIENTS = 4;

  /** How many orders are told committed between two faults, at most. */
  private static final int BREATH = 3;

  /** Longer than a transaction may take (5 s), in some cases. */
  private static final int LONGEST_PAUSE_MS = 6_000;

  /** What is done, and how often. */
  private enum Fault {
    KILL(3),
    KILL_ALL(1),
    KILL_WHILE_IT_STARTS(1),
    DIE_AT_A_POINT(5),
    DIE_AGAIN_AT_THE_POINT(1),
    PAUSE(2),
    PAUSE_THEN_KILL(1),
    FORCE_FAILS(1),
    WRITE_FAILS(1),
    FORCE_FAILS_AT_THE_START(1),
    NO_SPACE_AT_THE_START(1);

    private final int times;

    Fault(int times) {
      this.times = times;
    }
  }

  private static final Set<CrashPoint> SECOND_RECORD =
      Set.of(Scenario.BEFORE_BRANCH_RECORD, Scenario.AFTER_BRANCH_RECORD);

  private final long seed = Long.getLong("storm.seed", new Random().nextInt(1_000_000));
  private final Random dice = new Random(seed);
  private final Map<Fault, AtomicInteger> done = new EnumMap<>(Fault.class);

  @Test
  void shouldKeepEveryPromiseInAStorm() throws Exception {
    System.out.printf("storm: seed %d%n", seed);
    try (Town town = new Town(Training.HOME.resolve("storm"), Training.jvm());
        StormClients clients = new StormClients(town, seed, CLIENTS);
        ScheduledExecutorService time = Executors.newSingleThreadScheduledExecutor()) {
      // Given
      town.start();
      clients.start();

      // When
      for (Fault fault : deck()) {
        clients.awaitCommits(1 + dice.nextInt(BREATH));
        Place victim = PLACES.get(dice.nextInt(PLACES.size()));
        new Blow(town, clients, time, victim).strike(fault);
      }
      clients.awaitCommits(BREATH);
      List<Receipt> receipts = clients.stop();

      // Then
      settled(town, receipts);
      journalsAreWhole(town);
    }
  }

  private List<Fault> deck() {
    List<Fault> deck = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      deck.addAll(Collections.nCopies(fault.times, fault));
    }
    Collections.shuffle(deck, dice);
    return deck;
  }

  private void settled(Town town, List<Receipt> receipts) {
    Map<Place, Books> books = new EnumMap<>(Place.class);
    for (Place place : PLACES) {
      Settlement.awaitLoad(town.sidecar(place), SidecarProcess.Load.NONE);
      books.put(place, town.books(place));
    }
    long committed = receipts.stream().filter(it -> it.told().committed()).count();
    long aborted = receipts.stream().filter(it -> it.told().aborted()).count();
    System.out.printf(
        "storm: seed %d, %s, %d orders, of these told committed %d, aborted %d%n",
        seed, done, receipts.size(), committed, aborted);
    assertThat(new StormLedger(books).wrongs(receipts))
        .as(() -> "seed " + seed + "\n" + town.lastWords())
        .isEmpty();
    assertThat(committed).as("orders that were told committed").isPositive();
    assertThat(aborted).as("orders that were told aborted").isPositive();
    assertThat(done).as("each fault was there").containsOnlyKeys(Fault.values());
  }

  private static void journalsAreWhole(Town town) throws IOException {
    for (Place place : PLACES) {
      SidecarProcess sidecar = town.sidecar(place);
      sidecar.kill();
      SidecarProcess.Ended verified =
          sidecar.run("journal", "verify", sidecar.file("journal").toString());
      assertThat(verified.exitCode()).as("%s: %s", place, verified.output()).isZero();
    }
  }

  /** One fault at one sidecar, which is healed and ready when it is over. */
  private final class Blow {
    private final Town town;
    private final StormClients clients;
    private final ScheduledExecutorService time;
    private final Place place;
    private final SidecarProcess victim;

    Blow(Town town, StormClients clients, ScheduledExecutorService time, Place place) {
      this.town = town;
      this.clients = clients;
      this.time = time;
      this.place = place;
      this.victim = town.sidecar(place);
    }

    void strike(Fault fault) throws Exception {
      switch (fault) {
        case KILL -> kill();
        case KILL_ALL -> killAll();
        case KILL_WHILE_IT_STARTS -> {
          kill();
          victim.start();
          goOnFor(dice.nextInt(1_500));
          victim.kill();
        }
        case DIE_AT_A_POINT -> dieAt(point());
        case DIE_AGAIN_AT_THE_POINT -> dieAgainAt(point());
        case PAUSE -> {
          victim.pause();
          goOnFor(dice.nextInt(LONGEST_PAUSE_MS));
          victim.resume();
        }
        case PAUSE_THEN_KILL -> {
          victim.pause();
          goOnFor(dice.nextInt(LONGEST_PAUSE_MS));
          kill();
        }
        case FORCE_FAILS -> failUntilItRefuses(DiskFault.FORCE_FAILS);
        case WRITE_FAILS -> failUntilItRefuses(DiskFault.WRITE_FAILS);
        case FORCE_FAILS_AT_THE_START -> {
          startWith(DiskFault.FORCE_FAILS);
          victim.kill();
        }
        case NO_SPACE_AT_THE_START -> startWith(DiskFault.HAS_NO_SPACE);
      }
      done.computeIfAbsent(fault, any -> new AtomicInteger()).incrementAndGet();
      heal();
    }

    private void kill() {
      leave();
      victim.kill();
    }

    private void killAll() {
      clients.away();
      for (Place each : PLACES) {
        town.sidecar(each).kill();
      }
    }

    /** A point that load of this kind reaches at this sidecar, sooner or later. */
    private CrashPoint point() {
      Stream<Scenario> scenarios = place == Place.FRONT ? Scenario.ofFront() : Scenario.ofBack();
      List<CrashPoint> points =
          scenarios
              .map(Scenario::at)
              // The side's BEGUN is complete, and no second record follows.
              .filter(it -> place != Place.SIDE || !SECOND_RECORD.contains(it))
              .distinct()
              .toList();
      return points.get(dice.nextInt(points.size()));
    }

    private void dieAt(CrashPoint point) throws IOException {
      victim.arm(point, dice.nextInt(4));
      victim.awaitCrash();
      leave();
    }

    /** The second time while it recovers, or with the next order that gets there. */
    private void dieAgainAt(CrashPoint point) throws IOException {
      dieAt(point);
      victim.arm(point, 0);
      victim.start();
      if (victim.awaitReadyOrEnd()) {
        clients.back();
      }
      victim.awaitCrash();
      leave();
    }

    /** A journal whose disk has failed stops for good: it needs a restart. */
    private void failUntilItRefuses(DiskFault fault) throws IOException {
      victim.breakDisk(fault);
      victim.awaitRefusal();
      kill();
    }

    private void startWith(DiskFault fault) throws IOException {
      kill();
      victim.breakDisk(fault);
      victim.start();
      if (fault == DiskFault.HAS_NO_SPACE) {
        clients.back(); // whoever comes is refused
      }
      victim.awaitRefusal();
      assertThat(victim.isAlive() || fault != DiskFault.HAS_NO_SPACE)
          .as(() -> "waits for space\n" + victim.lastWords())
          .isTrue();
    }

    private void leave() {
      if (place == Place.FRONT) {
        clients.away();
      }
    }

    private void heal() throws IOException {
      victim.mendDisk();
      for (Place each : PLACES) {
        town.sidecar(each).restart();
      }
      clients.back();
    }

    /** Lets everything else go on for a while. */
    private void goOnFor(int ms) throws InterruptedException, ExecutionException {
      time.schedule(() -> {}, ms, TimeUnit.MILLISECONDS).get();
    }
  }
}
