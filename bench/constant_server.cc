// SPDX-License-Identifier: Apache-2.0
//
// usage: constant_server THREADS
//
// The limit of the community server: cpp-httplib alone, with an answer that
// never changes, on loopback. Prints its address and serves until it is ended.
#include <httplib.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const size_t threads = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (threads == 0) {
    std::fprintf(stderr, "usage: constant_server THREADS\n");
    return 2;
  }
  httplib::Server server;
  server.new_task_queue = [threads] {
    return new httplib::ThreadPool(threads);
  };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.Get("/healthz",
             [](const httplib::Request&, httplib::Response& answer) {
               answer.set_content("{\"status\":\"ok\"}", "application/json");
             });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::printf("http://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  return server.listen_after_bind() ? 0 : 1;
}
