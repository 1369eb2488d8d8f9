package io.handfast.tx.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A client whose next writes get stuck on their way, as in a server that was stopped with the
 * request in its buffer: they arrive when the test says so, and their answer never. Thread-safe.
 */
final class LateClient {
  private final Client real;
  private final ArrayDeque<Supplier<CompletableFuture<?>>> stuck = new ArrayDeque<>();
  private int keep;

  LateClient(Client real) {
    this.real = real;
  }

  synchronized void keepNext() {
    keep++;
  }

  /** The oldest one arrives; returns when etcd has answered it. */
  void deliver() throws Exception {
    Supplier<CompletableFuture<?>> oldest;
    synchronized (this) {
      oldest = stuck.removeFirst();
    }
    oldest.get().get(5, TimeUnit.SECONDS);
  }

  Client client() {
    KV kv =
        as(
            KV.class,
            real.getKVClient(),
            (method, result) -> method.getName().equals("txn") ? txn((Txn) result) : result);
    return as(
        Client.class,
        real,
        (method, result) -> method.getName().equals("getKVClient") ? kv : result);
  }

  private Txn txn(Txn built) {
    return (Txn)
        Proxy.newProxyInstance(
            Txn.class.getClassLoader(),
            new Class<?>[] {Txn.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("commit")) {
                call(built, method, arguments);
                return self;
              }
              synchronized (this) {
                if (keep == 0) {
                  return built.commit();
                }
                keep--;
                stuck.addLast(built::commit);
                return new CompletableFuture<>();
              }
            });
  }

  private interface Change {
    Object of(Method method, Object result);
  }

  private static <T> T as(Class<T> type, T real, Change change) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> change.of(method, call(real, method, arguments))));
  }

  private static Object call(Object on, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
