import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.tx.Caller;
import io.handfast.benchmarks.tx.Handler;
import io.handfast.benchmarks.tx.Participant;
import io.handfast.benchmarks.tx.ServiceMain;
import io.seata.core.exception.TransactionException;
import io.seata.core.model.BranchType;
import io.seata.core.model.GlobalStatus;
import io.seata.rm.DefaultResourceManager;
import io.seata.rm.RMClient;
import io.seata.rm.tcc.TCCResource;
import io.seata.rm.tcc.api.BusinessActionContext;
import io.seata.tm.TMClient;
import io.seata.tm.api.GlobalTransaction;
import io.seata.tm.api.GlobalTransactionContext;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * ServiceMain, and beside it the same transaction by Seata's TCC, with Seata's own client: {@code java SeataService.java
 * ServiceMain's options}, with registry.conf and file.conf on the class path. The caller begins and commits; a participant
 * registers its branch before its Try, and Seata's server calls its confirm or cancel over its own connection.
 */
public final class SeataService {
  private static final String GROUP = "default_tx_group";
  private static final int TIMEOUT_MS = 60_000;

  private SeataService() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = ServiceMain.options(args);
    List<Caller> participants = ServiceMain.callers(options, "direct");
    if (participants.isEmpty()) {
      String action = "try-" + options.get("port");
      RMClient.init(action, GROUP);
      Participant own = new Participant();
      DefaultResourceManager.get().registerResource(resource(action, new Action(own)));
      ServiceMain.serve(options, own, Map.of("seata-try", request -> enlist(action, own, request)));
    } else {
      TMClient.init("front", GROUP);
      ServiceMain.serve(options, new Participant(), Map.of("seata", request -> transact(participants, request)));
    }
  }

  private static Handler.Answer transact(List<Caller> participants, Handler.Request request) throws IOException {
    GlobalTransaction transaction = GlobalTransactionContext.createNew();
    try {
      transaction.begin(TIMEOUT_MS, "benchmark");
      String header = "tx_xid: " + transaction.getXid() + "\r\n";
      for (Caller participant : participants) {
        if (participant.post("/seata-try", header, request.body()).status() != 200) {
          transaction.rollback();
          return new Handler.Answer(409, "{}");
        }
      }
      transaction.commit();
      return transaction.getLocalStatus() == GlobalStatus.Committed ? Handler.Answer.OK : new Handler.Answer(500, "{}");
    } catch (TransactionException e) {
      throw new IOException(e);
    }
  }

  private static Handler.Answer enlist(String action, Participant own, Handler.Request request) throws IOException {
    try {
      String xid = Wire.field(request.head(), "tx_xid");
      DefaultResourceManager.get().branchRegister(BranchType.TCC, action, null, xid, "{\"actionContext\":{}}", null);
      return own.serve(new Handler.Request("/try", request.head(), request.body()));
    } catch (TransactionException e) {
      throw new IOException(e);
    }
  }

  private static TCCResource resource(String name, Action action) throws NoSuchMethodException {
    TCCResource resource = new TCCResource();
    resource.setActionName(name);
    resource.setTargetBean(action);
    resource.setPrepareMethod(Action.class.getMethod("confirm", BusinessActionContext.class));
    resource.setCommitMethodName("confirm");
    resource.setCommitMethod(Action.class.getMethod("confirm", BusinessActionContext.class));
    resource.setRollbackMethodName("cancel");
    resource.setRollbackMethod(Action.class.getMethod("cancel", BusinessActionContext.class));
    resource.setCommitArgsClasses(new Class<?>[] {BusinessActionContext.class});
    resource.setRollbackArgsClasses(new Class<?>[] {BusinessActionContext.class});
    resource.setPhaseTwoCommitKeys(new String[] {null});
    resource.setPhaseTwoRollbackKeys(new String[] {null});
    return resource;
  }

  /** What is called in phase two: what the service does at its own paths, too. */
  public static final class Action {
    private final Participant own;

    Action(Participant own) {
      this.own = own;
    }

    public boolean confirm(BusinessActionContext context) {
      return own.serve(new Handler.Request("/confirm", "", "")).status() == 200;
    }

    public boolean cancel(BusinessActionContext context) {
      return own.serve(new Handler.Request("/cancel", "", "")).status() == 200;
    }
  }
}
