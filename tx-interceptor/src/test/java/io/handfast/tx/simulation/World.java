package io.handfast.tx.simulation;

import static java.util.Objects.requireNonNull;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.simulation.Tasks.Task;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One transaction in a world where anything that can happen next may. Each step takes one of the
 * things that can, at random; faults stop after a while, what is down comes back, and the world
 * runs until nothing can happen any more. Confined to one thread.
 */
final class World {
  /** The label of a force. */
  static final String FORCE = "force";

  private static final ThreadLocal<Map<Integer, ByteBuffer>> MEMORY =
      ThreadLocal.withInitial(HashMap::new);

  /** Steps with faults. */
  private static final int FAULTY_STEPS = 250;

  /** Steps after which a healed world counts as hung; it rests far earlier. */
  private static final int MAX_STEPS = 20_000;

  /** Steps that a world is given whose lost sidecars keep others in doubt for ever. */
  private static final int STEPS_WITHOUT_PODS = 2_000;

  /** Looks around until all must be at rest. */
  private static final int ROUNDS = 40;

  /** Steps in which nothing changes in etcd: what goes on then goes on for ever. */
  private static final int STEPS_WITHOUT_CHANGE = 150;

  final Random random;
  final Scenario scenario;
  final Machines machines;
  final List<Host> hosts = new ArrayList<>();
  final List<Sidecar> sidecars = new ArrayList<>();
  final List<Service> services = new ArrayList<>();

  /** Of each service; none where no service has blocks of SQL. */
  final List<Database> databases = new ArrayList<>();

  final List<String> violations = new ArrayList<>();
  final Set<Integer> votedYes = new HashSet<>();
  final Set<Integer> votedNo = new HashSet<>();

  /** Blocks of SQL whose service has asked for COMMIT. */
  final Set<Integer> asked = new HashSet<>();

  /** Who tells a block its outcome reaches any sidecar of its service. */
  boolean sharesAddresses;

  /** What operators decided, and what they are held against. */
  final OperatorWords words = new OperatorWords(this);

  int checkpoints;
  int takenOver;
  final List<ClientAnswer> clientTold = new ArrayList<>();

  /** What the client was told. */
  enum ClientAnswer {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  /** Faults are drawn by themselves, so that one of them can be left out. */
  private final Random drawn;

  private final BitSet leftOut;
  private final Story story;
  private final SimCoordinator coordinator;
  private final SimEtcd.@Nullable Facts shared;
  private final Tasks tasks = new Tasks();
  private final Misfortune misfortune = new Misfortune(this);
  private Faults faults;
  private int faultsMet;
  private int forces;
  private int crashAtForce = -1;
  private boolean crashBefore;
  private boolean healed;

  World(long seed, Scenario scenario, Faults faults) {
    this(seed, scenario, faults, Machines.REAL, new BitSet(), Story.UNTOLD);
  }

  /**
   * A world that has not begun.
   *
   * @param leftOut faults that do not happen, by their number in the run of this seed
   */
  World(
      long seed, Scenario scenario, Faults faults, Machines machines, BitSet leftOut, Story story) {
    this.random = new Random(seed);
    this.drawn = new Random(seed ^ 0x5DEECE66DL);
    this.scenario = scenario;
    this.faults = faults;
    this.machines = machines;
    this.leftOut = leftOut;
    this.story = story;
    this.shared = scenario.shared() ? new SimEtcd.Facts(machines::compares) : null;
    boolean replicas = scenario.hasReplicas();
    int count = scenario.hosts() * (replicas ? 2 : 1);
    for (int i = 0; i < count; i++) {
      hosts.add(new Host(this, i, shared));
    }
    for (int i = 0; i < scenario.nodes().size(); i++) {
      services.add(new Service(this, i));
      sidecars.add(sidecar(i, hosts.get(scenario.hostOf(i))));
      if (shared != null || scenario.isBlock(i)) {
        sidecar(i, hosts.get(scenario.hostOf(i) + scenario.hosts()));
      }
    }
    for (Host host : hosts) {
      if (host.number == 0 || (shared != null && scenario.serviceOf(host.number) == 0)) {
        host.coordinator = new SimCoordinator(this, host);
      }
    }
    coordinator = requireNonNull(hosts.getFirst().coordinator);
    for (int i = 0; scenario.hasBlocks() && i < scenario.hosts(); i++) {
      databases.add(new Database(this, i));
    }
  }

  /** The other sidecar of its service, where there is one that may run this. */
  Sidecar replica(int node) {
    return hosts.get(scenario.hostOf(node) + scenario.hosts()).running(node);
  }

  private Sidecar sidecar(int node, Host host) {
    Sidecar sidecar = new Sidecar(this, node, host);
    host.branches.add(sidecar);
    return sidecar;
  }

  /** Of one journal: a thread runs one world at a time, and opens thousands. */
  ByteBuffer memory(int host) {
    return MEMORY.get().computeIfAbsent(host, it -> ByteBuffer.allocate(16 << 10));
  }

  SimCoordinator coordinator() {
    return coordinator;
  }

  /** Dies in the nth force of the run, counted from 0, in it or after it. */
  World crashAtForce(int n, boolean before) {
    crashAtForce = n;
    crashBefore = before;
    return this;
  }

  int forces() {
    return forces;
  }

  /** How many faults the run has met, so far. */
  int faultsMet() {
    return faultsMet;
  }

  Story story() {
    return story;
  }

  World run() {
    later(-1, "client begins", () -> sidecars.getFirst().begin());
    hosts.forEach(host -> host.slowDisk = faults.early() > 0 && random.nextInt(8) == 0);
    hosts.forEach(host -> host.clock = random.nextInt(5));
    sharesAddresses = scenario.hasBlocks() && random.nextBoolean();
    for (int steps = 0; steps < FAULTY_STEPS && !tasks.isEmpty(); steps++) {
      misfortune.strike(faults);
      next();
    }
    heal();
    boolean lost = hosts.stream().anyMatch(host -> host.lost);
    if (shared != null) {
      settle(shared);
      return this;
    }
    int steps = 0;
    while (!tasks.isEmpty() && steps++ < (lost ? STEPS_WITHOUT_PODS : MAX_STEPS)) {
      next();
    }
    if (!tasks.isEmpty() && !lost) {
      violations.add("hung: " + tasks.labels());
    }
    return this;
  }

  /** Leases of who is gone end, and who lives looks around, until nothing is owed any more. */
  private void settle(SimEtcd.Facts facts) {
    int idle = 0;
    int all = 0;
    for (int round = 0; round < ROUNDS && idle < 2; round++) {
      long before = facts.etcd.revision();
      for (SimEtcd etcd : etcds()) {
        etcd.expireFormer();
        etcd.lookAround();
      }
      long last = before;
      for (int steps = 0; !tasks.isEmpty() && steps < STEPS_WITHOUT_CHANGE; steps++) {
        if (++all > MAX_STEPS) {
          violations.add("hung: etcd is written for ever");
          return;
        }
        next();
        if (facts.etcd.revision() != last) {
          last = facts.etcd.revision();
          steps = 0;
        }
      }
      idle = facts.etcd.revision() == before && round > 0 ? idle + 1 : 0;
    }
  }

  List<SimEtcd> etcds() {
    List<SimEtcd> etcds = new ArrayList<>();
    for (Host host : hosts) {
      if (host.store instanceof SimEtcd etcd) {
        etcds.add(etcd);
      }
    }
    return etcds;
  }

  /** What the store owes; nothing where each has its own. */
  List<Record> owed() {
    return shared == null ? List.of() : shared.owed();
  }

  boolean isShared() {
    return shared != null;
  }

  boolean isCutOffFromEtcd(int host) {
    return misfortune.isCutOffFromEtcd(host);
  }

  /** A sidecar stands still before etcd's answer reaches it, and for longer than its lease. */
  boolean fallsAsleep() {
    return chance(faults.lease(), "a sleep");
  }

  boolean requestIsLost() {
    return chance(faults.doubt(), "a lost request to etcd");
  }

  boolean etcdAnswerIsLost() {
    return chance(faults.doubt(), "a lost answer of etcd");
  }

  boolean requestIsLate() {
    return chance(faults.doubt(), "a late request to etcd");
  }

  private void heal() {
    story.tell(() -> "-- healed");
    healed = true;
    faults = Faults.NONE;
    misfortune.end();
    databases.forEach(Database::start);
    for (Host host : hosts) {
      host.paused = false;
      host.slowDisk = false;
      if (!host.isUp()) {
        host.start();
      } else if (host.store.isStopped()) {
        crash(host.number);
      }
    }
  }

  private void next() {
    int eligible = 0;
    int timers = 0;
    for (Task task : tasks) {
      if (mayRun(task)) {
        eligible++;
        timers += task.timer() ? 1 : 0;
      }
    }
    if (eligible == 0) {
      hosts.forEach(host -> host.paused = false);
      return;
    }
    boolean timersToo = eligible == timers || chance(faults.early(), "an early timer");
    int nth = random.nextInt(timersToo ? eligible : eligible - timers);
    Task task = tasks.get(nth, it -> mayRun(it) && (timersToo || !it.timer()));
    boolean slow =
        task.owner() >= 0
            && hosts.get(task.owner()).slowDisk
            && task.label().equals(FORCE)
            && eligible > 1
            && random.nextInt(10) > 0;
    boolean late =
        task.timer()
            && eligible > timers
            && random.nextInt(4) >= hosts.get(Math.max(0, task.owner())).clock;
    if (slow || late) {
      return; // its disk, or its clock, is behind
    }
    tasks.remove(task);
    story.tell(() -> (task.owner() < 0 ? "" : task.owner() + ": ") + task.label());
    task.action().run();
  }

  private boolean mayRun(Task task) {
    return (task.owner() < 0 || !hosts.get(task.owner()).paused)
        && (task.at() < 0 || !hosts.get(task.at()).paused);
  }

  /** Of a branch; goes away with its sidecar. */
  void later(int node, String label, Runnable action) {
    int host = node < 0 ? -1 : scenario.hostOf(node);
    tasks.add(new Task(host, host, false, label, action));
  }

  void onHost(int host, String label, Runnable action) {
    tasks.add(new Task(host, host, false, label, action));
  }

  /** Outside of sidecars: nothing takes it away. */
  void outside(String label, Runnable action) {
    tasks.add(new Task(-1, -1, false, label, action));
  }

  /** The same, after everything that is not late, or before. */
  void outsideLater(String label, Runnable action) {
    tasks.add(new Task(-1, -1, true, label, action));
  }

  void timer(int host, String label, Runnable action) {
    cancelTimer(host, label);
    tasks.add(new Task(host, host, true, label, action));
  }

  void cancelTimer(int host, String label) {
    tasks.cancel(task -> task.timer() && task.owner() == host && task.label().equals(label));
  }

  void cancelTimers(int host, String prefix) {
    tasks.cancel(task -> task.timer() && task.owner() == host && task.label().startsWith(prefix));
  }

  /** A message between hosts that may be lost or come twice, and gets through no cut. */
  void send(int from, int to, String label, Runnable arrives, Runnable lost) {
    if (chance(faults.lose(), "a loss")) {
      tasks.add(new Task(-1, -1, false, label + " (lost)", lost));
      return;
    }
    deliver(from, to, label, arrives, lost);
    if (chance(faults.duplicate(), "a duplicate")) {
      deliver(from, to, label + " (again)", arrives, () -> {});
    }
  }

  /** What travels on a connection: it comes once, or the connection breaks. */
  void deliver(int from, int to, String label, Runnable arrives, Runnable lost) {
    Runnable action =
        () -> {
          if (misfortune.isCutOff(from, to)) {
            lost.run();
          } else {
            arrives.run();
          }
        };
    tasks.add(new Task(-1, to, false, label, action));
  }

  void crash(int number) {
    Host host = hosts.get(number);
    if (!host.isUp()) {
      return;
    }
    boolean machine = chance(faults.machine(), "a machine's death");
    story.tell(() -> "** crash of " + number + (machine ? " and its machine" : ""));
    host.crash(machine);
    tasks.cancel(task -> task.owner() == number);
    if (number < scenario.hosts()) {
      for (Sidecar branch : host.branches) {
        sidecars.forEach(other -> other.calls().connectionLost(branch.node()));
        services.get(branch.node()).sidecarDied();
      }
    }
    if (!healed) {
      later(-1, "restart " + number, host::start);
    } else {
      host.start();
    }
  }

  /** True if the sidecar dies in this force; asked before it, and after. */
  boolean diesInForce(boolean before) {
    if (before) {
      forces++;
    }
    if (crashAtForce >= 0) {
      return forces - 1 == crashAtForce && before == crashBefore;
    }
    return chance(faults.crashAtForce() / 2, before ? "a death in a force" : "a death after it");
  }

  boolean diskFails() {
    return chance(faults.disk(), "a failed force");
  }

  boolean storeRefuses() {
    return chance(faults.disk(), "a refused write");
  }

  boolean serviceFails() {
    return chance(faults.service(), "a failed Try");
  }

  boolean completionFails() {
    return chance(faults.completion(), "a failed completion");
  }

  boolean scanHides() {
    return chance(faults.database(), "a scan that does not show all");
  }

  boolean answerIsLost() {
    return chance(faults.lose(), "a lost answer");
  }

  boolean chance(int ofThousand, String what) {
    if (ofThousand == 0 || drawn.nextInt(1_000) >= ofThousand) {
      return false;
    }
    int number = faultsMet++;
    boolean happens = !leftOut.get(number);
    if (happens) {
      story.tell(() -> Story.FAULT + what + " (fault " + number + ")");
    }
    return happens;
  }

  boolean isUpdating(int node) {
    return scenario.nodes().get(node).branch().durability() != Durability.READ_ONLY;
  }
}
