using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"}},\"required\":[\"a\"]}", "{\"a\":1}|{\"a\": -7, \"b\":\"x\"}", "{}|{\"b\":\"x\"}|{\"a\":1,\"c\":2}|{\"a\":1.5}|{\"a\":01}")]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"null\"}},\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"}}", "{}|{\"a\":null}|{\"b\":true}|{\"a\":null,\"ab\":false,\"\":true}", "{\"a\":true}|{\"b\":null}|{\"\\u0061\":true}")]
    [InlineData("{\"type\":[\"string\",\"null\"],\"minLength\":2,\"maxLength\":3}", "null|\"ab\"|\"ä😀b\"|\"\\n\\ud83d\\ude00\"", "\"a\"|\"abcd\"|1|\"\\ud83d\"")]
    [InlineData("{\"enum\":[\"red\",\"reddish\",3,null,{\"a\":[1]}]}", "\"red\"|\"reddish\"|3|null|{\"a\":[1]}", "\"re\"|4|{\"a\": [1]}")]
    [InlineData("{\"enum\":[1,5,\"x\"],\"type\":\"integer\",\"minimum\":2}", "5", "1|\"x\"")]
    [InlineData("{\"type\":\"integer\",\"minimum\":-12,\"exclusiveMaximum\":105}", "-12|-9|0|7|99|100|104", "-13|105|1000|-0|-100|1.0")]
    [InlineData("{\"type\":\"number\",\"minimum\":-1.5,\"maximum\":20.25}", "-1.5|-1.49|0|-0.001|19.99999|20.25|20.250", "-1.51|20.26|20.2501|21|100|-2|-0|-0.0")]
    [InlineData("{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}", "0.5|1|1.0|0.0001", "0|0.0|1.01|2")]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":1,\"maxItems\":2}", "[true]|[true, false]", "[]|[true,true,true]|[1]")]
    [InlineData("{\"type\":\"array\",\"prefixItems\":[{\"const\":1},{\"const\":2}],\"items\":{\"const\":3},\"maxItems\":3}", "[]|[1]|[1,2]|[1,2,3]", "[2]|[1,3]|[1,2,3,3]")]
    [InlineData("{\"type\":\"array\",\"prefixItems\":[{\"const\":1}],\"items\":false}", "[]|[1]", "[1,1]")]
    [InlineData("{\"type\":\"array\",\"minItems\":2,\"prefixItems\":[{\"const\":1}],\"items\":{\"const\":2}}", "[1,2]|[1,2,2]", "[1]|[]")]
    [InlineData("{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},{\"type\":\"null\"}]}},\"required\":[\"next\"],\"additionalProperties\":false}}}", "{\"next\":null}|{\"next\":{\"next\":null}}", "{}|{\"next\":{}}")]
    [InlineData("{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":3}}},{\"properties\":{\"a\":{\"maximum\":4},\"b\":true},\"required\":[\"a\"]}]}", "{\"a\":3}|{\"a\":4,\"b\":[]}", "{}|{\"a\":5}|{\"a\":2}")]
    [InlineData("{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3}],\"type\":[\"integer\",\"string\"],\"description\":\"x\"}", "\"a\"|3", "2|null|true")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}-\\\\d+(\\\"|\\\\\\\\)?$\"}", "\"AB-1\"|\"ZZ-007\"|\"AB-1\\\"\"|\"AB-1\\\\\"", "\"AB-\"|\"AB-1\"\"|\"xAB-1\"")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"b|^c\"}", "\"abc\"|\"b\"|\"cd\"|\"a\\nb\"", "\"dc\"|\"\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"date\"}", "\"2024-02-29\"|\"1999-12-31\"|\"2000-02-29\"", "\"2023-02-29\"|\"1900-02-29\"|\"2024-13-01\"|\"0000-01-01\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"date-time\"}", "\"2024-02-29T23:59:59Z\"|\"2024-01-01T00:00:00.25+01:00\"", "\"2024-02-29\"|\"2024-01-01T24:00:00Z\"")]
    [InlineData("{\"type\":\"string\",\"format\":\"email\"}", "\"a.b+c@example.org\"", "\"a@b\"|\"@example.org\"|\"a..b@c.d\"")]
    [InlineData("{\"type\":\"string\",\"nullable\":true}", "null|\"a\"", "1")]
    [InlineData("{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":2,\"additionalProperties\":{\"const\":1}}", "{\"a\":1}|{\"a\":1,\"b\":1}", "{}|{\"a\":1,\"b\":1,\"c\":1}")]
    [InlineData("{\"type\":\"object\",\"propertyNames\":{\"type\":\"string\"},\"additionalProperties\":{\"type\":\"integer\"}}", "{}|{\"a\":1}", "{\"a\":null}")]
    [InlineData("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"properties\":{\"n\":{\"type\":[\"string\",\"integer\"],\"pattern\":\"^-?(?:0|[1-9]\\\\d*)$\",\"default\":1}}}", "{\"n\":-5}|{\"n\":\"17\"}|{}", "{\"n\":\"x\"}")]
    [InlineData("true", "1|[{}]", "|a")]
    [InlineData("{\"title\":\"anything\"}", "1|{\"a\":null}", "|a")]
    public void Schemas_allow_what_they_say(string schema, string valid, string invalid)
    {
        Grammar grammar = JsonSchemaGrammar.From(schema);
        foreach (string text in valid.Split('|')) Assert.True(grammar.Matches(text), text);
        foreach (string text in invalid.Split('|')) Assert.False(grammar.Matches(text), text);
    }

    [Theory]
    [InlineData("false", "no finite text")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":false},\"required\":[\"a\"]}", "no finite text")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"not\":{}}}}", "#/properties/a/not")]
    [InlineData("{\"type\":\"string\",\"format\":\"phone\"}", "#/format")]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"array\",\"uniqueItems\":true}}", "#/items/uniqueItems")]
    [InlineData("{\"type\":\"number\",\"multipleOf\":0.5}", "#/multipleOf")]
    [InlineData("{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^a\"}}", "#/propertyNames")]
    [InlineData("{\"$ref\":\"#\"}", "refers to itself")]
    [InlineData("{\"$ref\":\"other.json\"}", "another document")]
    [InlineData("{\"$ref\":\"#/$defs/a\"}", "not there")]
    [InlineData("{\"type\":\"text\"}", "#/type")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(?=a)\"}", "#/pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"\\\\bword\"}", "#/pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"a+\",\"maxLength\":3}", "longer texts")]
    [InlineData("{\"type\":\"string\",\"minLength\":-1}", "#/minLength")]
    [InlineData("{\"a~/b\":1}", "#/a~0~1b")]
    [InlineData("{\"type\":\"string\",\"enum\":[\"\\ud800\"]}", "surrogate")]
    [InlineData("[1]", "must be an object")]
    [InlineData("{", "not JSON")]
    [InlineData("{\"properties\":{\"a\":true},\"maxProperties\":0}", "#/maxProperties")]
    public void What_is_not_enforced_is_refused_by_name_and_place(string schema, string expected)
    {
        var fault = Assert.Throws<ReverieException>(() => JsonSchemaGrammar.From(schema));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Hostile_schemas_are_refused_or_enforced_in_bounded_time()
    {
        string Many(int count, Func<int, string> one) => string.Join(',', Enumerable.Range(0, count).Select(one));
        string[] refused =
        [
            $"{{\"allOf\":[{Many(20, _ => "{\"anyOf\":[{\"minLength\":1},{\"maxLength\":5}]}")}]}}",
            $"{{\"anyOf\":[{Many(6000, i => $"{{\"const\":{i}}}")}]}}",
            $"{{\"enum\":[\"{new string('x', 400_000)}\"]}}",
            $"{{\"pattern\":\"{new string('(', 100)}\"}}",
            $"{{\"pattern\":\"{new string('a', 100_000)}\"}}",
            new string(' ', (1 << 20) + 1),
            string.Concat(Enumerable.Repeat("{\"items\":", 100)),
        ];
        foreach (string schema in refused) Assert.Throws<ReverieException>(() => JsonSchemaGrammar.From(schema));
        string[] enforced =
        [
            $"{{\"type\":\"object\",\"properties\":{{{Many(500, i => $"\"p{i}\":{{\"type\":\"string\"}}")}}},\"additionalProperties\":true}}",
            $"{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{Many(2000, i => $"\"d{i}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}")},\"d2000\":{{}}}}}}",
            $"{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{Many(60, i => $"\"d{i}\":{{\"type\":[\"array\",\"object\"],\"prefixItems\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}")},\"d60\":{{}}}}}}",
            $"{{\"type\":[\"string\",\"object\"],\"pattern\":\"^{string.Concat(Enumerable.Repeat("[a-z]*", 500))}$\"}}",
            "{\"type\":[\"string\",\"object\"],\"pattern\":\"^((((a{1,1000}){1,1000}b?){1,1000}c?){1,1000})*$\"}",
            "{\"type\":[\"object\",\"string\"],\"minLength\":1000000000}",
        ];
        foreach (string schema in enforced) Assert.True(JsonSchemaGrammar.From(schema).Matches("{}"));
    }

    [Fact]
    public void Damaged_schemas_are_refused_and_nothing_else()
    {
        var random = new RandomStream(7, "damage");
        var schemas = new RandomSchemas(random);
        int read = 0;
        for (int i = 0; i < 800; i++)
        {
            char[] text = (i % 2 == 0 ? schemas.Recursive(2) : schemas.Schema(3)).ToJsonString().ToCharArray();
            for (int n = random.Next(1, 4); n > 0; n--) text[random.Next(text.Length)] = random.Pick(["\"", "{", "}", "[", "1", "-", "a", "e", "$", "#", "/", ",", ":", "\\", "*"])[0];
            try
            {
                JsonSchemaGrammar.From(new string(text));
                read++;
            }
            catch (ReverieException fault)
            {
                Assert.DoesNotContain('\n', fault.Message);
            }
        }

        Assert.InRange(read, 20, 780);
    }
}
