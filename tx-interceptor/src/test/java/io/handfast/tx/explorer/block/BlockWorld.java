package io.handfast.tx.explorer.block;

import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.explorer.Bag;
import io.handfast.tx.explorer.Bounds;
import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.Fingerprint;
import io.handfast.tx.explorer.search.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transaction with blocks of SQL: sidecars, services, a database and a network. Only the
 * decision is kept by a sidecar, all else by the database. Changed by {@link BlockStep} only, which
 * makes a copy first.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class BlockWorld implements World<BlockWorld> {
  /** What can happen. */
  enum Kind {
    DELIVER,
    /** Its receiver is down, and another sidecar of its service is reached. */
    DELIVER_TO_REPLICA,
    DROP,
    DUPLICATE,
    FORCE,
    CRASH,
    CRASH_WITH_THE_DECISION_KEPT,
    RESTART,
    TIMER,
    COORDINATOR_TIMER,
    REDELIVER,
    PATIENCE,
    TELL_CARRIED_OUT,
    WORK,
    ANSWER,
    ANSWER_THAT_IT_FAILED,
    /** The service asks for COMMIT. */
    ASK,
    ROLL_BACK,
    /** PREPARE TRANSACTION is sent. */
    PREPARE,
    /** It is carried out. */
    ARRIVE,
    PREPARED,
    LOSE_CONNECTION,
    /** PREPARE on a lost connection does not arrive. */
    VANISH,
    DATABASE_DIES,
    COMMIT_PREPARED,
    ROLLBACK_PREPARED,
    UNHEARD,
    SCAN,
    SCANNED
  }

  final BlockLayout layout;
  final Model model;
  final boolean calm;

  /** Machines: of the two services, of each block at its sidecar, and at the replica. */
  final List<Actor> actors;

  final Sql[] blocks;
  final Bag<Mail> bag;

  final boolean[] up = new boolean[BlockLayout.HOSTS];
  final int[] lives = new int[BlockLayout.HOSTS];

  /** What a scan has shown, as bits by branch, plus 1; 0 if none is under way. */
  final int[] scans = new int[BlockLayout.HOSTS];

  /** Blocks of which a sidecar still has to say that it has committed them, as bits. */
  final int[] unsaid = new int[BlockLayout.HOSTS];

  /** Two bits for each child: 0 not made, 1 under way, 2 succeeded, 3 failed. By service. */
  final int[] calls = new int[2];

  /** Whether the service has a request: 1 that it has not begun, 2 that it works on. */
  final int[] tries = new int[2];

  /** In which life of its sidecar. */
  final int[] tryLives = new int[2];

  final int[] answers = new int[2];
  int calledBy;
  int coordinator;
  int coordinatorTimers;
  int redeliver;

  /** Who is in the decision that is being forced, and in the durable one, as bits by branch. */
  int deciding;

  int decided;
  boolean kept;

  /** It is over, as far as its coordinator has to know. */
  boolean forgotten;

  ClientTold told = ClientTold.NOTHING;
  int votedYes;
  int votedNo;
  int crashes;
  int drops;
  int duplicates;
  int sql;
  int early;
  int earlyScans;
  @Nullable String breach;

  private BlockWorld(
      BlockLayout layout,
      Model model,
      boolean calm,
      List<Actor> actors,
      Sql[] blocks,
      Bag<Mail> bag) {
    this.layout = layout;
    this.model = model;
    this.calm = calm;
    this.actors = actors;
    this.blocks = blocks;
    this.bag = bag;
  }

  /** The moment at which a client's request arrives at the boundary. */
  static BlockWorld begin(BlockLayout layout, Machines machines, BlockBounds bounds) {
    List<Actor> actors = new ArrayList<>();
    for (int branch = 0; branch < layout.branches(); branch++) {
      for (int host = 0; host < BlockLayout.HOSTS; host++) {
        if (layout.mayBeAt(branch, host)) {
          actors.add(new Actor(branch, host));
        }
      }
    }
    Sql[] blocks = new Sql[layout.branches()];
    Arrays.setAll(blocks, it -> new Sql());
    Model model = new Model(Layout.of(), machines, Bounds.NONE);
    BlockWorld world =
        new BlockWorld(
            layout, model, bounds.early() < 0, actors, blocks, new Bag<>(Mail.class, model.values));
    Arrays.fill(world.up, true);
    world.crashes = bounds.crashes();
    world.drops = bounds.drops();
    world.duplicates = bounds.duplicates();
    world.sql = bounds.sql();
    world.early = bounds.early();
    world.earlyScans = bounds.scans();
    new BlockStep(world, Chart.NONE).begin();
    return world;
  }

  BlockWorld copy() {
    Sql[] sqls = new Sql[blocks.length];
    Arrays.setAll(sqls, it -> blocks[it].copy());
    BlockWorld copy =
        new BlockWorld(
            layout,
            model,
            calm,
            new ArrayList<>(actors.stream().map(Actor::copy).toList()),
            sqls,
            bag.copy());
    int[][] from = {lives, scans, unsaid, calls, tries, tryLives, answers};
    int[][] to = {
      copy.lives, copy.scans, copy.unsaid, copy.calls, copy.tries, copy.tryLives, copy.answers
    };
    for (int i = 0; i < from.length; i++) {
      System.arraycopy(from[i], 0, to[i], 0, from[i].length);
    }
    System.arraycopy(up, 0, copy.up, 0, up.length);
    copy.calledBy = calledBy;
    copy.coordinator = coordinator;
    copy.coordinatorTimers = coordinatorTimers;
    copy.redeliver = redeliver;
    copy.deciding = deciding;
    copy.decided = decided;
    copy.kept = kept;
    copy.forgotten = forgotten;
    copy.told = told;
    copy.votedYes = votedYes;
    copy.votedNo = votedNo;
    copy.crashes = crashes;
    copy.drops = drops;
    copy.duplicates = duplicates;
    copy.sql = sql;
    copy.early = early;
    copy.earlyScans = earlyScans;
    copy.breach = breach;
    return copy;
  }

  @Override
  public List<Move> moves() {
    return new BlockPossible(this).moves();
  }

  @Override
  public BlockWorld after(Move move, Chart chart) {
    BlockWorld next = copy();
    new BlockStep(next, chart).take(move);
    return next;
  }

  @Override
  public void describe(Fingerprint into) {
    actors.forEach(actor -> actor.describe(into));
    for (Sql block : blocks) {
      block.describe(into);
    }
    for (int i = 0; i < BlockLayout.HOSTS; i++) {
      into.add((long) lives[i] << 48 | (long) scans[i] << 32 | unsaid[i] << 8 | (up[i] ? 1 : 0));
    }
    for (int i = 0; i < 2; i++) {
      into.add((long) calls[i] << 32 | tries[i] << 16 | tryLives[i] << 8 | answers[i]);
    }
    into.add((long) coordinator << 32 | coordinatorTimers << 16 | redeliver)
        .add((long) deciding << 40 | (long) decided << 32 | calledBy << 16 | told.ordinal())
        .add((kept ? 1 : 0) | (forgotten ? 2 : 0) | votedYes << 16 | votedNo << 8)
        .add(
            (long) crashes << 40
                | (long) drops << 32
                | duplicates << 24
                | sql << 16
                | earlyScans << 8
                | (early & 0xff));
    bag.describe(into);
  }

  Actor actor(int branch, int host) {
    for (Actor actor : actors) {
      if (actor.branch == branch && actor.host == host) {
        return actor;
      }
    }
    throw new AssertionError(
        "branch " + branch + " at " + host + " (expected: one of its sidecars)");
  }

  @Nullable ParticipantState state(Actor actor) {
    return model.values.value(actor.state, ParticipantState.class);
  }

  @Nullable CoordinatorState coordinator() {
    return model.values.value(coordinator, CoordinatorState.class);
  }

  /** Whether the branch of its service waits for it: no scan may take it up. */
  boolean isAwaited(int block) {
    int home = layout.home(block);
    return blocks[block].isOpen() && actor(home, home).state != Interner.NONE;
  }

  /** Whether a scan at this sidecar would do something. */
  boolean isToBeFound(Actor actor) {
    if (actor.state == Interner.NONE) {
      boolean here = actor.host == layout.home(actor.branch) && isAwaited(actor.branch);
      return blocks[actor.branch].status == Sql.Status.PREPARED && !here;
    }
    return actor.taken
        && blocks[actor.branch].status != Sql.Status.PREPARED
        && state(actor) instanceof ParticipantState.Prepared;
  }

  int call(int service, int child) {
    return (calls[service] >> (2 * child)) & 3;
  }

  void call(int service, int child, int result) {
    calls[service] = (calls[service] & ~(3 << (2 * child))) | (result << (2 * child));
  }

  void breach(String what) {
    if (breach == null) {
      breach = what;
    }
  }

  @Override
  public @Nullable String breach() {
    return breach != null || !isSettled() ? breach : BlockPromises.atRest(this);
  }

  @Override
  public boolean isSettled() {
    if (coordinator != Interner.NONE || bag.size() > 0 || deciding != 0) {
      return false;
    }
    for (Actor actor : actors) {
      if (actor.state != Interner.NONE || actor.sent != 0 || isWaiting(actor)) {
        return false;
      }
    }
    for (int host = 0; host < BlockLayout.HOSTS; host++) {
      if (!up[host] || scans[host] != 0 || unsaid[host] != 0) {
        return false;
      }
    }
    return tries[0] == 0 && tries[1] == 0;
  }

  private boolean isWaiting(Actor actor) {
    return BlockLayout.isBlock(actor.branch)
        && (isToBeFound(actor) || blocks[actor.branch].isOpen() || blocks[actor.branch].adrift);
  }

  @Override
  public List<String> columns() {
    return List.of("client", "0, coordinator", "1, bank", "2, bank's other", "database");
  }
}
