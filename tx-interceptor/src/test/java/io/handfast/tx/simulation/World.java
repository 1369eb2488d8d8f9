package io.handfast.tx.simulation;

import io.handfast.tx.core.Branch.Durability;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One transaction in a world where anything that can happen next may. Each step takes one of the
 * things that can, at random; faults stop after a while, what is down comes back, and the world
 * runs until nothing can happen any more. Confined to one thread.
 */
final class World {
  /** Steps with faults. */
  private static final int FAULTY_STEPS = 250;

  /** Steps after which a healed world counts as hung; it rests far earlier. */
  private static final int MAX_STEPS = 20_000;

  /**
   * What can happen. {@code owner} is the sidecar with which it goes away; -1 for what is outside
   * of sidecars.
   */
  record Task(int owner, boolean timer, String label, Runnable action) {}

  final Random random;
  final Scenario scenario;
  final List<Sidecar> sidecars = new ArrayList<>();
  final List<Service> services = new ArrayList<>();
  final List<String> log = new ArrayList<>();
  final List<String> violations = new ArrayList<>();
  final Set<Integer> votedYes = new HashSet<>();
  final Set<Integer> votedNo = new HashSet<>();
  final List<ClientAnswer> clientTold = new ArrayList<>();

  /** What the client was told. */
  enum ClientAnswer {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  private final List<Task> tasks = new ArrayList<>();
  private Faults faults;
  private int forces;
  private int crashAtForce = -1;
  private boolean crashBefore;
  private boolean healed;

  World(long seed, Scenario scenario, Faults faults) {
    this.random = new Random(seed);
    this.scenario = scenario;
    this.faults = faults;
    for (int i = 0; i < scenario.nodes().size(); i++) {
      services.add(new Service(this, i));
      sidecars.add(new Sidecar(this, i));
    }
  }

  /** Dies in the nth force of the run, counted from 0, before or after it is durable. */
  World crashAtForce(int n, boolean before) {
    crashAtForce = n;
    crashBefore = before;
    return this;
  }

  int forces() {
    return forces;
  }

  World run() {
    later(-1, "client begins", () -> sidecars.getFirst().begin());
    for (int steps = 0; steps < FAULTY_STEPS && !tasks.isEmpty(); steps++) {
      if (chance(faults.crash())) {
        crash(random.nextInt(sidecars.size()));
      }
      next();
    }
    heal();
    int steps = 0;
    while (!tasks.isEmpty() && steps++ < MAX_STEPS) {
      next();
    }
    if (!tasks.isEmpty()) {
      violations.add("hung: " + tasks.stream().map(Task::label).distinct().toList());
    }
    return this;
  }

  private void heal() {
    log.add("-- healed");
    healed = true;
    faults = Faults.NONE;
    for (int node = 0; node < sidecars.size(); node++) {
      Sidecar sidecar = sidecars.get(node);
      if (!sidecar.isUp()) {
        sidecar.start();
      } else if (sidecar.journal().isStopped()) {
        crash(node);
      }
    }
  }

  private void next() {
    List<Task> ready = tasks.stream().filter(task -> !task.timer()).toList();
    boolean timersToo = ready.isEmpty() || chance(faults.early());
    List<Task> from = timersToo ? tasks : ready;
    Task task = from.get(random.nextInt(from.size()));
    tasks.remove(task);
    log.add(task.label());
    task.action().run();
  }

  void later(int owner, String label, Runnable action) {
    tasks.add(new Task(owner, false, label, action));
  }

  void timer(int owner, String label, Runnable action) {
    cancelTimer(owner, label);
    tasks.add(new Task(owner, true, label, action));
  }

  void cancelTimer(int owner, String label) {
    tasks.removeIf(task -> task.timer() && task.owner() == owner && task.label().equals(label));
  }

  void cancelTimers(int owner, String prefix) {
    tasks.removeIf(
        task -> task.timer() && task.owner() == owner && task.label().startsWith(prefix));
  }

  /** A message that may be lost or come twice. */
  void send(String label, Runnable arrives, Runnable lost) {
    if (chance(faults.lose())) {
      later(-1, label + " (lost)", lost);
      return;
    }
    later(-1, label, arrives);
    if (chance(faults.duplicate())) {
      later(-1, label + " (again)", arrives);
    }
  }

  void crash(int node) {
    Sidecar sidecar = sidecars.get(node);
    if (!sidecar.isUp()) {
      return;
    }
    log.add("** crash of " + node);
    sidecar.crash();
    tasks.removeIf(task -> task.owner() == node);
    for (Sidecar other : sidecars) {
      other.connectionLost(node);
    }
    services.get(node).sidecarDied();
    if (!healed) {
      later(-1, "restart " + node, sidecar::start);
    } else {
      sidecar.start();
    }
  }

  /** True if the sidecar dies in this force; asked before it is durable and after. */
  boolean diesInForce(boolean before) {
    if (before) {
      forces++;
    }
    if (crashAtForce >= 0) {
      return forces - 1 == crashAtForce && before == crashBefore;
    }
    return chance(faults.crashAtForce() / 2);
  }

  boolean diskFails() {
    return chance(faults.disk());
  }

  boolean storeRefuses() {
    return chance(faults.disk());
  }

  boolean serviceFails() {
    return chance(faults.service());
  }

  boolean completionFails() {
    return chance(faults.completion());
  }

  boolean answerIsLost() {
    return chance(faults.lose());
  }

  private boolean chance(int ofThousand) {
    return ofThousand > 0 && random.nextInt(1_000) < ofThousand;
  }

  boolean isUpdating(int node) {
    return scenario.nodes().get(node).branch().durability() != Durability.READ_ONLY;
  }
}
