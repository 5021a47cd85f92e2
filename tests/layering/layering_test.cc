// SPDX-License-Identifier: Apache-2.0
//
// The architecture, as a table, held against every #include and every
// CMakeLists.txt; and the budgets that keep the code readable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;
using testing::ElementsAre;
using testing::IsEmpty;

// A room may include itself, the standard library, absl, the public headers,
// and the rooms on its line. Nothing else. "proto" is the generated code.
const std::map<std::string, Names> kMayInclude = {
    {"base", {}},
    {"model", {"base"}},
    {"cel", {}},  // a library of its own
    {"wire", {"base", "model", "proto"}},
    {"rules", {"base", "model", "cel"}},
    {"ledger", {"base", "model"}},
    {"core", {"base", "model", "rules", "ledger"}},  // no store: ever
    {"store", {"base", "model", "wire", "proto"}},   // no core: ever
    {"engine",
     {"base", "model", "cel", "wire", "rules", "ledger", "core", "store"}},
};

// What only some rooms may include, by the start of the name in <>. The rooms
// that decide are not among those that touch the system.
struct Library {
  std::string prefix;
  Names rooms;
};
const std::vector<Library> kLibraries = {
    {"absl/",
     {"base", "model", "cel", "wire", "rules", "ledger", "core", "store",
      "engine"}},
    {"google/protobuf/", {"wire"}},
    {"simdjson.h", {"wire"}},
    {"re2/", {"cel"}},
    {"sqlite3.h", {"store"}},
    {"openssl/", {"base"}},
    {"fcntl.h", {"store", "engine"}},
    {"sys/", {"store", "engine"}},
    {"unistd.h", {"store", "engine"}},
};

// The same for what CMake links; absl:: is free to all.
const std::map<std::string, std::string> kRoomThatLinks = {
    {"protobuf::libprotobuf", "wire"}, {"simdjson::simdjson", "wire"},
    {"PkgConfig::re2", "cel"},         {"SQLite::SQLite3", "store"},
    {"OpenSSL::Crypto", "base"},
};

constexpr int kMostPublicHeaders = 15;
constexpr int kMostPublicLines = 2900;
constexpr int kMostLines = 700;

// Files that are longer than kMostLines, each with the reason. May only shrink.
const Names kLongFiles = {};

struct Include {
  int line = 0;
  bool angle = false;  // <...>
  std::string name;
};

struct SourceFile {
  std::string path = {};  // from the root of the tree
  std::string first_line = {};
  int lines = 0;
  std::vector<Include> includes = {};
};

SourceFile ReadSource(const fs::path& root, const fs::path& file) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  SourceFile source{.path = fs::relative(file, root).generic_string()};
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (++source.lines == 1) source.first_line = line;
    if (std::regex_match(line, match, include)) {
      source.includes.push_back(
          {.line = source.lines, .angle = match[1] == "<", .name = match[2]});
    }
  }
  return source;
}

// In the order of their paths. None where there is no such folder.
std::vector<SourceFile> FilesUnder(const fs::path& root,
                                   std::string_view folder) {
  std::vector<SourceFile> files;
  std::error_code absent;
  for (fs::recursive_directory_iterator at(root / folder, absent), end;
       at != end; ++at) {
    const std::string extension = at->path().extension();
    if (extension == ".h" || extension == ".cc") {
      files.push_back(ReadSource(root, at->path()));
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

// "core" of "core/apply.h"; nothing of "apply.h".
std::string FirstFolder(std::string_view path) {
  const size_t slash = path.find('/');
  return std::string(slash == path.npos ? "" : path.substr(0, slash));
}

// "lib/core/apply.cc" is of the room "core".
std::string RoomOf(const SourceFile& file) {
  return FirstFolder(std::string_view(file.path).substr(sizeof "lib/" - 1));
}

// <vector>: the standard library's names have neither a dot nor a slash.
bool IsStandard(const Include& include) {
  return include.angle && include.name.find_first_of("./") == std::string::npos;
}

// The room an include in quotes leads to; "" for a public header, but for those
// of CEL, which is a library that not every room links.
std::string RoomOf(const Include& include) {
  if (include.name.starts_with("loyalty/v1/")) return "proto";
  if (include.name.starts_with("loyalty/cel/")) return "cel";
  if (include.name.starts_with("loyalty/")) return "";
  const std::string room = FirstFolder(include.name);
  return room.empty() ? include.name : room;
}

// What is wrong with one include in `room`, or nullopt.
std::optional<std::string> FaultOf(const std::string& room,
                                   const Include& include) {
  if (IsStandard(include)) return std::nullopt;
  if (include.angle) {
    for (const Library& library : kLibraries) {
      if (include.name.starts_with(library.prefix)) {
        if (library.rooms.contains(room)) return std::nullopt;
        return "includes <" + include.name + ">, which is not for " + room +
               "/";
      }
    }
    return "includes <" + include.name + ">, which no room may";
  }
  const std::string other = RoomOf(include);
  if (other.empty() || other == room || kMayInclude.at(room).contains(other)) {
    return std::nullopt;
  }
  return "reaches into " + other + "/, which is not below " + room + "/";
}

// Every include of lib/ that does not go down, as FILE:LINE and why.
std::vector<std::string> UpwardIncludes(const fs::path& root) {
  std::vector<std::string> faults;
  for (const SourceFile& file : FilesUnder(root, "lib")) {
    const std::string room = RoomOf(file);
    if (!kMayInclude.contains(room)) {
      faults.push_back(file.path + ": no such room in the table");
      continue;
    }
    for (const Include& include : file.includes) {
      if (const auto fault = FaultOf(room, include)) {
        faults.push_back(file.path + ":" + std::to_string(include.line) + " " +
                         *fault);
      }
    }
  }
  return faults;
}

// The words of lib/ROOM/CMakeLists.txt, by the keyword before them.
std::map<std::string, Names> CMakeWords(const fs::path& file) {
  std::ifstream in(file);
  std::string text;
  for (std::string line; std::getline(in, line);) {
    text += line.substr(0, line.find('#')) + " ";
  }
  std::ranges::replace_if(
      text, [](char c) { return c == '(' || c == ')'; }, ' ');
  std::istringstream words(text);
  std::map<std::string, Names> found;
  std::string keyword;
  for (std::string word; words >> word;) {
    if (word == "SOURCES" || word == "MAY_USE" || word == "LINKS") {
      keyword = word;
    } else {
      found[keyword].insert(word);
    }
  }
  return found;
}

// Rooms that link what the table does not give them, or include a room that
// they do not link.
std::vector<std::string> UpwardLinks(const fs::path& root) {
  std::vector<std::string> faults;
  for (const auto& [room, may_include] : kMayInclude) {
    const std::string file = "lib/" + room + "/CMakeLists.txt";
    if (!fs::exists(root / file)) {
      faults.push_back(file + ": not there");
      continue;
    }
    std::map<std::string, Names> words = CMakeWords(root / file);
    const Names& may_use = words["MAY_USE"];
    for (const std::string& other : may_use) {
      if (!may_include.contains(other)) {
        faults.push_back(file + ": " + room + " may not use " + other);
      }
    }
    for (const std::string& target : words["LINKS"]) {
      const auto owner = kRoomThatLinks.find(target);
      if (!target.starts_with("absl::") &&
          (owner == kRoomThatLinks.end() || owner->second != room)) {
        faults.push_back(file + ": " + room + " may not link " + target);
      }
    }
    Names included;
    for (const SourceFile& source : FilesUnder(root, "lib/" + room)) {
      for (const Include& include : source.includes) {
        if (!include.angle) included.insert(RoomOf(include));
      }
    }
    for (const std::string& other : included) {
      if (may_include.contains(other) && !may_use.contains(other)) {
        faults.push_back(file + ": " + room + " includes " + other +
                         "/ and does not say MAY_USE " + other);
      }
    }
  }
  return faults;
}

fs::path Root() {
  const char* source = std::getenv("LOYALTY_SOURCE");
  return source != nullptr ? source : ".";
}

// A made-up tree, gone at the end of the test.
class Tree {
 public:
  Tree()
      : root_(fs::path(testing::TempDir()) /
              ("loyalty_tree_" + std::to_string(getpid()))) {
    fs::remove_all(root_);
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

TEST(Layering, EveryIncludeGoesDown) {
  ASSERT_FALSE(FilesUnder(Root(), "lib").empty()) << "no files in " << Root();
  EXPECT_THAT(UpwardIncludes(Root()), IsEmpty());
}

TEST(Layering, EveryRoomLinksWhatItIncludesAndNoMore) {
  EXPECT_THAT(UpwardLinks(Root()), IsEmpty());
}

TEST(Layering, AnIncludeThatReachesUpIsNamedByFileAndLine) {
  const Tree tree;
  tree.Write("lib/store/sql_store.cc",
             "#include \"store/sql_store.h\"\n"
             "#include \"core/apply.h\"\n"
             "#include \"model/journal.h\"\n"
             "#include \"loyalty/event.h\"\n"
             "#include \"loyalty/cel/cel.h\"\n"
             "#include <absl/time/time.h>\n"
             "#include <sqlite3.h>\n"
             "#include <vector>\n");
  EXPECT_THAT(UpwardIncludes(tree.root()),
              ElementsAre("lib/store/sql_store.cc:2 reaches into core/, which "
                          "is not below store/",
                          "lib/store/sql_store.cc:5 reaches into cel/, which "
                          "is not below store/"));
}

TEST(Layering, ALibraryInAnotherRoomThanItsOwnIsNamed) {
  const Tree tree;
  tree.Write("lib/core/apply.cc",
             "#include <sqlite3.h>\n"
             "#include <boost/any.hpp>\n"
             "#include \"loyalty/v1/program.pb.h\"\n"
             "#include \"apply.h\"\n");
  tree.Write("lib/util/strings.h", "");
  EXPECT_THAT(
      UpwardIncludes(tree.root()),
      ElementsAre(
          "lib/core/apply.cc:1 includes <sqlite3.h>, which is not for core/",
          "lib/core/apply.cc:2 includes <boost/any.hpp>, which no room may",
          "lib/core/apply.cc:3 reaches into proto/, which is not below core/",
          "lib/core/apply.cc:4 reaches into apply.h/, which is not below core/",
          "lib/util/strings.h: no such room in the table"));
}

TEST(Layering, ALinkThatReachesUpIsNamed) {
  const Tree tree;
  for (const auto& [room, may_include] : kMayInclude) {
    tree.Write("lib/" + room + "/CMakeLists.txt",
               "loyalty_room(" + room + "\n  SOURCES " + room + "/a.cc)\n");
  }
  tree.Write("lib/store/CMakeLists.txt",
             "loyalty_room(store SOURCES store/a.cc\n"
             "  MAY_USE base core  # and engine\n"
             "  LINKS absl::time SQLite::SQLite3 OpenSSL::Crypto)\n");
  tree.Write("lib/store/a.cc", "#include \"wire/values.h\"\n");
  EXPECT_THAT(
      UpwardLinks(tree.root()),
      ElementsAre(
          "lib/store/CMakeLists.txt: store may not use core",
          "lib/store/CMakeLists.txt: store may not link OpenSSL::Crypto",
          "lib/store/CMakeLists.txt: store includes wire/ and does not say "
          "MAY_USE wire"));
}

TEST(PublicHeaders, ShowOnlyTheStandardLibraryAbseilAndEachOther) {
  for (const SourceFile& file : FilesUnder(Root(), "include")) {
    for (const Include& include : file.includes) {
      EXPECT_TRUE(IsStandard(include) || include.name.starts_with("absl/") ||
                  (include.name.starts_with("loyalty/") &&
                   !include.name.starts_with("loyalty/v1/")))
          << file.path << ":" << include.line << " shows " << include.name;
    }
  }
}

TEST(PublicHeaders, AreFewAndShort) {
  const std::vector<SourceFile> headers = FilesUnder(Root(), "include");
  int lines = 0;
  for (const SourceFile& header : headers) lines += header.lines;
  EXPECT_FALSE(headers.empty());
  EXPECT_LE(headers.size(), kMostPublicHeaders);
  EXPECT_LE(lines, kMostPublicLines);
}

TEST(EveryFile, IsShortAndNamesItsLicence) {
  for (const char* folder :
       {"include", "lib", "tools", "tests", "examples", "bench"}) {
    for (const SourceFile& file : FilesUnder(Root(), folder)) {
      EXPECT_EQ(file.first_line, "// SPDX-License-Identifier: Apache-2.0")
          << file.path;
      if (!kLongFiles.contains(file.path)) {
        EXPECT_LE(file.lines, kMostLines) << file.path;
      }
    }
  }
}

TEST(EveryFile, OnTheListOfLongOnesIsLong) {
  for (const std::string& path : kLongFiles) {
    EXPECT_GT(ReadSource(Root(), Root() / path).lines, kMostLines)
        << path << " may be taken off the list";
  }
}

}  // namespace
