package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated etcd is asked what a real one is asked, and has to answer the same. */
class SimulatedEtcdTest {
  private static final int REQUESTS = 1_500;
  private static final int KEYS = 4;
  private static final long TTL_SECONDS = 600;

  private final Random random = new Random(4);
  private final SimulatedEtcd simulated = new SimulatedEtcd(record -> {}, key -> true);
  private final SimulatedEtcd.Member member = simulated.process(new Direct());
  private EtcdCluster etcd;
  private Client real;

  /** Nothing is lost on the way. */
  private static final class Direct implements SimulatedEtcd.Link {
    @Override
    public <T> CompletableFuture<T> send(Supplier<T> request) {
      try {
        return CompletableFuture.completedFuture(request.get());
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public void tell(Runnable told) {
      told.run();
    }

    @Override
    public boolean isCut() {
      return false;
    }
  }

  /** One side of a comparison. */
  private record Asked(KV kv, long lease) {}

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    etcd = EtcdCluster.start(directory, 1);
    real = Client.builder().endpoints(etcd.endpoints().toArray(String[]::new)).build();
  }

  @AfterEach
  void stop() {
    if (real != null) {
      real.close();
      etcd.close();
    }
  }

  @Test
  void shouldAnswerWhatEtcdAnswers() throws Exception {
    // Given
    Client model = member.client();
    Asked one = new Asked(real.getKVClient(), lease(real));
    Asked other = new Asked(model.getKVClient(), lease(model));
    List<String> kinds = new ArrayList<>();

    for (int i = 0; i < REQUESTS; i++) {
      // When: the same is drawn twice
      long seed = random.nextLong();
      String expected = answer(one, new Random(seed));
      String actual = answer(other, new Random(seed));

      // Then
      assertThat(actual).as("request %d", i).isEqualTo(expected);
      kinds.add(expected);
      if (i == REQUESTS / 2) {
        real.getLeaseClient().revoke(one.lease()).get(10, TimeUnit.SECONDS);
        member.expire();
      }
    }
    assertThat(kinds).anyMatch(it -> it.startsWith("holds"));
    assertThat(kinds).anyMatch(it -> it.startsWith("fails"));
    assertThat(kinds).anyMatch(it -> it.contains("duplicate key"));
    assertThat(kinds).anyMatch(it -> it.contains("lease not found"));
  }

  @Test
  void shouldTakeAsManyOperationsAsEtcd() throws Exception {
    int most = EtcdOptions.DEFAULT_MAX_TXN_OPS - BatchWriter.OPS_OF_A_WRITE;
    for (int size : new int[] {most, most + 1}) {
      for (KV kv : List.of(real.getKVClient(), member.client().getKVClient())) {
        // When
        String answer = batch(kv, size);

        // Then
        if (size == most) {
          assertThat(answer).startsWith("holds");
        } else {
          assertThat(answer).contains("too many operations");
        }
      }
    }
  }

  private static long lease(Client client) throws Exception {
    return client.getLeaseClient().grant(TTL_SECONDS).get(10, TimeUnit.SECONDS).getID();
  }

  private static String batch(KV kv, int size) throws Exception {
    Op[] writes = new Op[size];
    for (int i = 0; i < size; i++) {
      Op[] three = new Op[BatchWriter.OPS_OF_A_WRITE];
      for (int j = 0; j < three.length; j++) {
        three[j] = Op.get(Keys.bytes("/b/" + i), GetOption.DEFAULT);
      }
      writes[i] = Op.txn(new Cmp[0], three, new Op[0]);
    }
    return told(kv.txn().Then(writes).commit(), 0);
  }

  private static String answer(Asked asked, Random drawn) throws Exception {
    if (drawn.nextInt(10) == 0) {
      GetOption all =
          GetOption.builder()
              .withRange(Keys.bytes("/k0"))
              .withLimit(drawn.nextInt(KEYS))
              .withKeysOnly(drawn.nextBoolean())
              .build();
      GetResponse read = asked.kv().get(Keys.bytes("/k/"), all).get(10, TimeUnit.SECONDS);
      return "read "
          + values(read.getKvs(), asked.lease())
          + " at "
          + read.getHeader().getRevision();
    }
    return told(
        asked
            .kv()
            .txn()
            .If(conditions(drawn))
            .Then(ops(drawn, asked, 2))
            .Else(ops(drawn, asked, 2))
            .commit(),
        asked.lease());
  }

  private static Cmp[] conditions(Random drawn) {
    Cmp[] conditions = new Cmp[drawn.nextInt(3)];
    for (int i = 0; i < conditions.length; i++) {
      // Revisions of late, or none: some of them are those of the key.
      long revision = drawn.nextInt(3) == 0 ? 1 + drawn.nextInt(400) : 0;
      CmpTarget<?> target =
          drawn.nextBoolean()
              ? CmpTarget.createRevision(revision)
              : CmpTarget.modRevision(revision);
      conditions[i] = new Cmp(key(drawn), Cmp.Op.EQUAL, target);
    }
    return conditions;
  }

  private static Op[] ops(Random drawn, Asked asked, int depth) {
    Op[] ops = new Op[drawn.nextInt(4)];
    for (int i = 0; i < ops.length; i++) {
      ops[i] =
          switch (drawn.nextInt(depth > 0 ? 4 : 3)) {
            case 0 -> {
              long lease = drawn.nextInt(4) == 0 ? asked.lease() : 0;
              yield Op.put(
                  key(drawn),
                  Keys.bytes("v" + drawn.nextInt(9)),
                  PutOption.builder().withLeaseId(lease).build());
            }
            case 1 -> Op.delete(key(drawn), DeleteOption.DEFAULT);
            case 2 -> Op.get(key(drawn), GetOption.DEFAULT);
            default ->
                Op.txn(
                    conditions(drawn), ops(drawn, asked, depth - 1), ops(drawn, asked, depth - 1));
          };
    }
    return ops;
  }

  private static ByteSequence key(Random drawn) {
    return Keys.bytes("/k/" + drawn.nextInt(KEYS));
  }

  private static String told(CompletableFuture<TxnResponse> answer, long lease) throws Exception {
    try {
      TxnResponse response = answer.get(10, TimeUnit.SECONDS);
      return all(response, lease) + " at " + response.getHeader().getRevision();
    } catch (ExecutionException e) {
      String reason = EtcdErrors.reason(e);
      return (EtcdErrors.isRefusal(e) ? "refused: " : "failed: ")
          + reason.substring(Math.max(0, reason.indexOf("etcdserver:")));
    }
  }

  private static String all(TxnResponse response, long lease) {
    StringBuilder text = new StringBuilder(response.isSucceeded() ? "holds" : "fails");
    response
        .getGetResponses()
        .forEach(get -> text.append(" get ").append(values(get.getKvs(), lease)));
    response.getDeleteResponses().forEach(it -> text.append(" removed ").append(it.getDeleted()));
    response.getTxnResponses().forEach(it -> text.append(" (").append(all(it, lease)).append(')'));
    return text.toString();
  }

  /** Leases have other names there. */
  private static String values(List<KeyValue> values, long lease) {
    List<String> texts = new ArrayList<>();
    for (KeyValue it : values) {
      texts.add(
          Keys.text(it.getKey())
              + "="
              + Keys.text(it.getValue())
              + " "
              + it.getCreateRevision()
              + "/"
              + it.getModRevision()
              + "/"
              + it.getVersion()
              + (it.getLease() == 0 ? "" : it.getLease() == lease ? " leased" : " ?"));
    }
    return texts.toString();
  }
}
