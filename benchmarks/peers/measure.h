// How the C++ programs measure and report. The Go package measure says why.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

inline int workers;    // threads that the library uses
inline double seconds; // for one measurement

// parse_arguments reads WORKERS and SECONDS.
inline void parse_arguments(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s WORKERS SECONDS < cases\n", argv[0]);
    std::exit(2);
  }
  workers = std::atoi(argv[1]);
  seconds = std::atof(argv[2]);
}

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// best returns the shortest time of one call of f, in nanoseconds.
template <class F> double best(F f) {
  const double enough = 50e-6;
  double start = now();
  f();
  const int calls = 1 + int(std::min(1000.0, enough / std::max(1e-9, now() - start)));
  double shortest = 1e9;
  const double end = now() + seconds;
  for (int i = 0; i < 5 || now() < end; i++) {
    start = now();
    for (int j = 0; j < calls; j++)
      f();
    shortest = std::min(shortest, (now() - start) / calls);
  }
  return shortest * 1e9;
}

inline void report(const std::string &key, const std::string &impl, double ns) {
  std::printf("BenchmarkPeers/%s/impl=%s/workers=%d 1 %.2f ns/op\n", key.c_str(), impl.c_str(), workers, ns);
  std::fflush(stdout);
}

// Case is a line of the list of cases: its key and its numbers.
struct Case {
  std::string key;
  std::vector<long> n;
  bool is(const std::string &prefix) const { return key.compare(0, prefix.size(), prefix) == 0; }
};

// next_case reads a case from standard input.
inline bool next_case(Case &c) {
  std::string line;
  if (!std::getline(std::cin, line))
    return false;
  std::istringstream words(line);
  words >> c.key;
  c.n.clear();
  for (long n; words >> n;)
    c.n.push_back(n);
  return true;
}

// normals returns n normally distributed numbers.
inline std::vector<float> normals(size_t n) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float &v : values)
    v = normal(random);
  return values;
}
