package io.handfast.proxy.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Signals of the operating system, so that a drained process can exit with 0 (the JVM's own
 * handling ends with 128 + the signal's number). {@code sun.misc.Signal} is the only door the JDK
 * has, and is used by reflection because the compiler rightly warns about it; where it is missing,
 * the JVM's own handling stays.
 */
final class Signals {

  private Signals() {}

  /**
   * Runs the action, on a thread of the JVM's, whenever the signal comes; says whether that can be
   * had.
   */
  static boolean on(String signal, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invocation =
          (proxy, method, arguments) -> invoke(proxy, method, arguments, action);
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(), new Class<?>[] {handlerType}, invocation);
      type.getMethod("handle", type, handlerType)
          .invoke(null, type.getConstructor(String.class).newInstance(signal), handler);
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  @SuppressWarnings("ReferenceEquality") // what equals of a proxy means
  private static @Nullable Object invoke(
      Object proxy, Method method, Object[] arguments, Runnable action) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> (Object) System.identityHashCode(proxy);
      case "toString" -> "signal handler";
      default -> {
        action.run();
        yield null;
      }
    };
  }
}
