package io.handfast.proxy.config.compile.discovery;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldCheck;
import io.handfast.xds.resource.FieldTable;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.TypeRegistry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds resources against the table of fields: one that a control plane offers is looked at when it
 * comes, and need not be looked at again when it is compiled. Thread-safe.
 */
public final class CheckedOnce {

  /** Bound of what is remembered; what is forgotten is looked at again. */
  private static final int MAX_AHEAD = 20_000;

  private final FieldTable table;
  private final TypeRegistry types;
  private final Map<String, Passed> ahead = new ConcurrentHashMap<>();

  /** Those that passed, for as long as a table has them: a table comes whole for one of them. */
  private final Set<Route> routes =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** Nothing is wrong with it. */
  private record Passed(Offered<?> offered, List<String> observed) {}

  /** Knows nothing yet. */
  public CheckedOnce(FieldTable table, TypeRegistry types) {
    this.table = table;
    this.types = types;
  }

  /** Checks a resource that may be compiled later. */
  public void ahead(Offered<? extends Message> offered, ConfigErrors errors) {
    ConfigErrors own = new ConfigErrors();
    List<String> observed = check(offered, own);
    errors.addAll(own.list());
    if (own.isEmpty()) {
      if (ahead.size() >= MAX_AHEAD) {
        ahead.clear();
      }
      ahead.put(offered.path(), new Passed(offered, observed));
    }
  }

  /**
   * Checks a resource that is compiled, unless that very one has passed.
   *
   * @return paths of fields that are set and have no effect
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what was looked at.
  public List<String> now(Offered<? extends Message> offered, ConfigErrors errors) {
    Passed passed = ahead.remove(offered.path());
    return passed != null && passed.offered() == offered
        ? passed.observed()
        : check(offered, errors);
  }

  private List<String> check(Offered<? extends Message> offered, ConfigErrors errors) {
    FieldCheck check = new FieldCheck(table, types, errors, routes);
    check.check(offered.message(), offered.path());
    return check.observed();
  }
}
