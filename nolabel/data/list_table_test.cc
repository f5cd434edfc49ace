#include "nolabel/data/list_table.h"

#include <gmock/gmock.h>

#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ListTables : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (const char* name : {"a.png", "b c.png", "d, e.png", "plain"}) write(name, picture(1));
  }
  ListTable read(const std::string& text, const std::string& name = "list.csv") const {
    write(name, text);
    return read_list_table(root / name);
  }
  // "path=label" of each row.
  std::vector<std::string> rows(const std::string& text) const {
    std::vector<std::string> rows;
    for (const ListRow& row : read(text).rows) rows.push_back(row.path + "=" + row.label);
    return rows;
  }
  std::string complaint(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  }
  static std::string utf16(const std::string& ascii, bool little_endian) {
    std::string text = little_endian ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : ascii) text += little_endian ? std::string{c, '\0'} : std::string{'\0', c};
    return text;
  }
};

TEST_F(ListTables, ColumnsHaveManyNames) {
  for (const char* header :
       {"path,label", "filename,label", "image,class", "File Name,Category", "img_path,target",
        "FILE,Y", "path, label", "\"path\", \"label\"", "\"image-id\" ,species"}) {
    EXPECT_THAT(rows(header + "\na.png, ape\n\"d, e.png\",\"bee\"\n"s),
                ElementsAre("a.png=ape", "d, e.png=bee"))
        << header;
  }
  EXPECT_THAT(rows("label,width,filename\nape,5,a.png\n"), ElementsAre("a.png=ape"));
  EXPECT_THAT(rows("class_id,class,image_id,path\n0,ape,7,a.png\n"), ElementsAre("a.png=ape"));
  EXPECT_THAT(rows("filename\na.png\n"), ElementsAre("a.png="));
}

TEST_F(ListTables, ColumnsThatAreNotUsedAreTold) {
  EXPECT_THAT(read("label,width,filename,height\nape,5,a.png,4\n").warnings,
              ElementsAre("list.csv: nolabel reads the column filename as the path and the column "
                          "label as the label; it does not use width, height"));
  EXPECT_THAT(
      read("path,kind\na.png,ape\n").warnings,
      ElementsAre(HasSubstr("no column as the label (name one \"label\"); it does not use kind")));
  EXPECT_THAT(read("path,cluster,confidence,runner_up,runner_up_confidence,label\n").warnings,
              IsEmpty());
}

TEST_F(ListTables, AFirstRowThatIsNoPictureIsNamed) {
  EXPECT_THAT(complaint("photo file,sort\na.png,ape\nz.png,bee\n"),
              HasSubstr("list.csv:1: the first row must be a picture, or name the columns"));
  EXPECT_THAT(rows("row 1,ape\nrow 2,bee\n"), ElementsAre("row 1=ape", "row 2=bee"));
  EXPECT_THAT(rows("plain,ape\na.png,bee\n"), ElementsAre("plain=ape", "a.png=bee"));
}

TEST_F(ListTables, MostRowsDecide) {
  std::string good;
  for (int i = 0; i < 24; ++i) good += format("p{}.png,ape\n", i);
  EXPECT_THAT(complaint("photo file,sort\n" + good + "clip.mp4,cow\n"),
              HasSubstr("list.csv:1: the first row must be a picture, or name the columns path and "
                        "label (or filename, class …). Received photo file."));
  EXPECT_THAT(complaint("sort,photo file\nape, a.png\nbee,b c.png\ncow,clip.mp4\n"),
              HasSubstr("list.csv:1: the first row must be a picture"));
  EXPECT_THAT(complaint("foto\na.png\nplain\nclip.mp4\n"), HasSubstr("Received foto."));
  for (const char* separator : {",", ";", "\t", "|", " ", ":"}) {
    const std::string s = separator;
    EXPECT_THAT(rows("a.png" + s + "ape\ngone.png" + s + "bee\nclip.mp4" + s + "cow\n"),
                ElementsAre("a.png=ape", "gone.png=bee", "clip.mp4=cow"))
        << s;
  }
  EXPECT_THAT(rows("a.png\nb c.png\nclip.mp4\n"), ElementsAre("a.png=", "b c.png=", "clip.mp4="));
}

TEST_F(ListTables, SpacesAroundAFieldAreNone) {
  EXPECT_THAT(rows("a.png ,ape\n b c.png , bee\n"), ElementsAre("a.png=ape", "b c.png=bee"));
  EXPECT_THAT(complaint("photo file,sort\na.png ,ape\n"), HasSubstr("list.csv:1: the first row"));
  write(" e .png ", picture(2));
  EXPECT_THAT(rows("a.png,ape\n e .png ,bee\n"), ElementsAre("a.png=ape", " e .png =bee"));
}

TEST_F(ListTables, TheFilesTellWhichColumnIsThePath) {
  for (const char* separator : {",", ";", "\t", "|", " ", ":"}) {
    const std::string s = separator;
    EXPECT_THAT(rows("ape" + s + "b c.png\nbee" + s + "a.png\n"),
                ElementsAre("b c.png=ape", "a.png=bee"))
        << s;
  }
  // Of files that are not there the names tell, where they can.
  EXPECT_THAT(rows("ape,y.png\nbee,z.png\n"), ElementsAre("y.png=ape", "z.png=bee"));
  EXPECT_THAT(rows("y.png,ape.png\nz.png,bee.png\n"),
              ElementsAre("y.png=ape.png", "z.png=bee.png"));
  EXPECT_THAT(rows("y.png,a.png\nz.png,b c.png\n"), ElementsAre("a.png=y.png", "b c.png=z.png"));
  EXPECT_THAT(rows("C:\\y.png\nD:\\z.png\n"), ElementsAre("C:\\y.png=", "D:\\z.png="));
  EXPECT_THAT(rows("C:\\y.png,ape\nD:\\z.png,bee\n"),
              ElementsAre("C:\\y.png=ape", "D:\\z.png=bee"));
}

TEST_F(ListTables, MXNetsListsHaveANumberFirst) {
  EXPECT_THAT(rows("5\t10.000000\ta.png\n0\t2.000000\tb c.png\n"),
              ElementsAre("a.png=10", "b c.png=2"));
  EXPECT_THAT(rows("0\t3\ta.png\n"), ElementsAre("a.png=3"));
  EXPECT_THAT(rows("0\t0.500000\ta.png\n1\t1.000000\tplain\n"),
              ElementsAre("a.png=0.500000", "plain=1.000000"));
  EXPECT_THAT(rows("1,a.png,ape\n2,plain,bee\n"), ElementsAre("a.png=ape", "plain=bee"));
  // Not a number of its own, and more than one label.
  EXPECT_THAT(complaint("1\t3\ta.png\n1\t4\tplain\n"),
              HasSubstr("Received 3 fields (separated by tabs): a first row must name"));
  EXPECT_THAT(complaint("1\t3\t4\ta.png\n2\t4\t4\tplain\n"), HasSubstr("Received 4 fields"));
}

TEST_F(ListTables, CommentsAreLeftOut) {
  const ListTable table = read("# from a.png, b\na.png,ape\n#\n# x\n\nplain,bee\n");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].path, "a.png");
  EXPECT_EQ(table.rows[1].line, 6);
  EXPECT_THAT(rows("# x\npath,label\na.png,ape\n"), ElementsAre("a.png=ape"));
  write("# 1.png", picture(3));
  EXPECT_THAT(rows("a.png,ape\n# 1.png,bee\n"), ElementsAre("a.png=ape", "# 1.png=bee"));
  EXPECT_THAT(rows("a.png,\"ape\n# of # two\"\n# lines\n"), ElementsAre("a.png=ape\n# of # two"));
  EXPECT_THAT(rows("#1.png,ape\n#2.png,bee\n"), ElementsAre("#1.png=ape", "#2.png=bee"));
}

TEST_F(ListTables, HowRowsWereReadIsTold) {
  EXPECT_EQ(read("ape|a.png\n").read_as,
            "column 2 of fields separated by vertical bars was read as the path");
  EXPECT_EQ(read("a.png ape\n").read_as,
            "column 1 of fields separated by white space was read as the path");
  EXPECT_EQ(read("a.png\n").read_as, "each line was read as a path");
}

TEST_F(ListTables, FieldsAreSeparatedInManyWays) {
  for (const char* separator : {",", "\t", ";", " ", "   ", ", "}) {
    for (const std::string& header : {""s, "file"s + separator + "label\n"}) {
      const std::string text =
          header + "b c.png"s + separator + "ape\na.png"s + separator + "bee\n";
      EXPECT_THAT(rows(text), ElementsAre("b c.png=ape", "a.png=bee")) << text;
    }
  }
  EXPECT_THAT(rows("a.png;cat, domestic\nb c.png;dog, wild\n"),
              ElementsAre("a.png=cat, domestic", "b c.png=dog, wild"));
  EXPECT_THAT(rows("a.png black cat\ngone.png dog\n"),
              ElementsAre("a.png=black cat", "gone.png=dog"));
  EXPECT_THAT(rows("plain 3\na.png 4\n"), ElementsAre("plain=3", "a.png=4"));
  EXPECT_THAT(rows("row 1;ape\nrow 2;bee\n"), ElementsAre("row 1=ape", "row 2=bee"));
}

TEST_F(ListTables, NamesKeepTheirSpacesAndCommas) {
  EXPECT_THAT(rows("b c.png\na.png\n"), ElementsAre("b c.png=", "a.png="));
  EXPECT_THAT(rows("d, e.png\nb c.png\n"), ElementsAre("d, e.png=", "b c.png="));
  EXPECT_THAT(rows("\"d, e.png\"\nb c.png\n"), ElementsAre("d, e.png=", "b c.png="));
  EXPECT_THAT(rows("\"d, e.png\",x\nb c.png,y\n"), ElementsAre("d, e.png=x", "b c.png=y"));
}

TEST_F(ListTables, EncodingsAndLineEnds) {
  for (const bool little_endian : {true, false}) {
    EXPECT_THAT(rows(utf16("path,label\r\na.png,ape\r\n", little_endian)),
                ElementsAre("a.png=ape"));
  }
  EXPECT_THAT(rows("\xFF\xFE\xE4\0.\0p\0n\0g\0,\0\x3D\xD8\x08\xDE\n\0"s),
              ElementsAre("\xC3\xA4.png=\xF0\x9F\x98\x88"));
  EXPECT_THAT(rows("\xEF\xBB\xBFpath,label\na.png,ape\n"), ElementsAre("a.png=ape"));
  EXPECT_THAT(rows("path,label\ra.png,ape\rb c.png,bee"), ElementsAre("a.png=ape", "b c.png=bee"));
  EXPECT_THAT(rows("\"od\rd.png\",ape\n"), ElementsAre("od\rd.png=ape"));
  EXPECT_THAT(complaint("a\0.\0p\0n\0g\0\n\0"s), HasSubstr("save it as UTF-8"));
  EXPECT_THAT(complaint("\xFF\xFE\0\0a\0\0\0"s), HasSubstr("UTF-32"));
}

TEST_F(ListTables, LabelsAreNotLostInSilence) {
  EXPECT_THAT(read("a.png,ape\nb c.png,\nplain,bee\n").warnings,
              ElementsAre(HasSubstr("1 of 3 rows have no label (the first is line 2)")));
  EXPECT_THAT(read("a.png,ape\n").warnings, IsEmpty());
  EXPECT_THAT(read("a.png\n").warnings, IsEmpty());
}

TEST_F(ListTables, EmptyColumnsAtTheEndAreNone) {
  EXPECT_THAT(rows("a.png,ape,,\nb c.png,bee,,\n"), ElementsAre("a.png=ape", "b c.png=bee"));
  EXPECT_THAT(complaint("a.png,ape,,\nb c.png,bee,x,\n"), HasSubstr("Received 3 fields"));
}

TEST_F(ListTables, AnEmptyFileHasNoRows) {
  EXPECT_THAT(read("").rows, IsEmpty());
  EXPECT_THAT(read("\n \n").rows, IsEmpty());
  EXPECT_THAT(read("path,label\n").rows, IsEmpty());
}

}  // namespace
}  // namespace nolabel
