//! The 49 messages of RFC 4475, written from what it says of each, and what must come of them here.
//!
//! `@` stands for our address: where answers come. The numbers that are called do not exist, so a good INVITE is understood
//! when it is answered with 404.

use std::{
    io::{Read as _, Write as _},
    net::{TcpStream, UdpSocket},
    time::Duration,
};

use serde_json::json;

use crate::{centre::Centre, phone::Phone};

/// What must come.
#[derive(Debug, Clone, Copy)]
enum Comes {
    /// One of these final answers, and nothing else.
    Answer(&'static [u16]),
    /// Nothing: it is no request, or nobody waits for the response.
    Nothing,
}

use Comes::{Answer, Nothing};

const SDP: &str = "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n\
    m=audio 49217 RTP/AVP 0 12\nm=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n";

/// Name, message, what must come. `{sdp}` ends a message with a description, `{len}` is its length.
const MESSAGES: [(&str, &str, Comes); 49] = [
    // 3.1.1 valid
    (
        "wsinv: folds, spaces, both forms of names, leading zeros; its To has a tag, so it asks for a call we do not have",
        "INVITE sip:vivekg@chair.example.com;unknownparam SIP/2.0\nTO :\n sip:vivekg@chair.example.com ;   tag    = 1918181833n\n\
         from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\nMaX-fOrWaRdS: 0068\n\
         Call-ID: wsinv.ndaksdj@192.0.2.1\nContent-Length   : {len}\ncseq: 0009\n  INVITE\nVia  : SIP  /   2.0\n /UDP\n    @;branch=390skdjuw\n\
         s :\nNewFangledHeader:   newfangled value\n continued newfangled value\nUnknownHeaderWithUnusualValue: ;;,,;;,;\n\
         Content-Type: application/sdp\nRoute:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n\
         v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n\
         m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33\n\n{sdp}",
        Answer(&[481, 404]),
    ),
    (
        "intmeth: every character that a method, an address and a parameter may have",
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bK-.!%66*_+`'~\n\
         To: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n\
         From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u{440}\u{430}\";tag=_token~1'+`*%!-.\n\
         Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\n\
         Max-Forwards: 255\nextensionHeader-!.%*+_`'~:\u{fffd}\nContent-Length: 0\n\n",
        Answer(&[405, 501, 400]),
    ),
    (
        "esc01: escapes in addresses",
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\nTo: sip:%75se%72@example.com\n\
         From: <sip:I%20have%20spaces@example.net>;tag=938\nMax-Forwards: 87\ni: esc01.239409asdfakjkn23onasd0-3234\n\
         CSeq: 234234 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKesc01\nC: application/sdp\n\
         Contact:\n  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>\nContent-Length: {len}\n\n{sdp}",
        Answer(&[404]),
    ),
    (
        "escnull: escaped nulls in addresses",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:null-%00-null@example.com\nFrom: sip:null-%00-null@example.com;tag=839923423\n\
         Max-Forwards: 70\nCall-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd\nCSeq: 14398234 REGISTER\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bKescnull\nContact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>\nL:0\n\n",
        Answer(&[401, 403, 404]),
    ),
    (
        "esc02: an escape in the method is no escape",
        "RE%47IST%45R sip:registrar.example.com SIP/2.0\nTo: \"%Z%45\" <sip:resource@example.com>\n\
         From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23\nCall-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bK209%fzsnel234\nCSeq: 29344 RE%47IST%45R\nMax-Forwards: 70\n\
         Contact: <sip:alias1@host1.example.com>\nC%6Fntact: <sip:alias2@host2.example.com>\nContact: <sip:alias3@host3.example.com>\nl: 0\n\n",
        Answer(&[405, 501]),
    ),
    (
        "lwsdisp: no space between name and address",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\nFrom: caller<sip:caller@example.com>;tag=323\n\
         Max-Forwards: 70\nCall-ID: lwsdisp.1234abcd@funky.example.com\nCSeq: 60 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nl: 0\n\n",
        Answer(&[200]),
    ),
    // For a name, not a number: whoever calls a colleague signs.
    ("longreq: long values everywhere", "", Answer(&[401])),
    (
        "dblreq: a second request behind the first is no request",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:j.user@example.com\nFrom: sip:j.user@example.com;tag=43251j3j324\nMax-Forwards: 8\n\
         I: dblreq.0ha0isndaksdj99sdfafnl3lk233412\nContact: sip:j.user@host.example.com\nCSeq: 8 REGISTER\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bKkdjuw23492\nContent-Length: 0\n\n\
         INVITE sip:joe@example.com SIP/2.0\nt: sip:joe@example.com\nFrom: sip:caller@example.net;tag=141334\nMax-Forwards: 8\n\
         Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw380234\n\
         Content-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[401, 403]),
    ),
    (
        "semiuri: a semicolon before the @ belongs to the user",
        "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\nTo: sip:j_user@example.com\nFrom: sip:caller@example.org;tag=33242\n\
         Max-Forwards: 3\nCall-ID: semiuri.0ha0isndaksdj\nCSeq: 8 OPTIONS\nAccept: application/sdp, application/pkcs7-mime,\n        multipart/mixed, multipart/signed,\n        message/sip, message/sipfrag\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nl: 0\n\n",
        Answer(&[200]),
    ),
    (
        "transports: known and unknown ones in Via",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\nFrom: <sip:caller@example.com>;tag=323\nMax-Forwards: 70\n\
         Call-ID: transports.kijh4akdnaqjkwendsasfdj\nAccept: application/sdp\nCSeq: 60 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\nVia: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\n\
         Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\nVia: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee\nl: 0\n\n",
        Answer(&[200]),
    ),
    (
        "mpart01: a body of several parts, one of them binary",
        "MESSAGE sip:kumiko@example.org SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport\n\
         Max-Forwards: 70\nRoute: <sip:127.0.0.1:5080>\nContact: <sip:fluffy@example.com>\nTo: <sip:kumiko@example.org>\n\
         From: <sip:fluffy@example.com>;tag=2fb0dcc9\nCall-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..\nCSeq: 1 MESSAGE\n\
         Content-Transfer-Encoding: binary\nContent-Type: multipart/mixed;boundary=7a9cbec02ceef655\nDate: Sat, 15 Oct 2005 04:44:56 GMT\n\n\
         --7a9cbec02ceef655\nContent-Type: text/plain\n\nHello\n--7a9cbec02ceef655\nContent-Type: application/octet-stream\n\n\x00\x01\u{80}\n--7a9cbec02ceef655--\n",
        Answer(&[405]),
    ),
    (
        "unreason: any text may be a reason",
        "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}\nVia: SIP/2.0/UDP @;branch=z9hG4bK1324923\nCall-ID: unreason.1234ksdfak3j2erwedfsASdf\n\
         CSeq: 35 INVITE\nFrom: sip:user@example.com;tag=11141343\nTo: sip:user@example.edu;tag=2229\nContact: <sip:user@host198.example.com>\nContent-Length: 0\n\n",
        Nothing,
    ),
    (
        "noreason: none may be there",
        "SIP/2.0 100 \nVia: SIP/2.0/UDP @;branch=z9hG4bK2398ndaoe\nCall-ID: noreason.asndj203insdf99223ndf\nCSeq: 35 INVITE\n\
         From: <sip:user@example.com>;tag=39ansfi3\nTo: <sip:user@example.edu>;tag=902jndnke3\nContent-Length: 0\n\n",
        Nothing,
    ),
    // 3.1.2 invalid
    (
        "badinv01: separators without anything between them",
        "INVITE sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=134161461246\nMax-Forwards: 7\n\
         Call-ID: badinv01.0ha0isndaksdjasdf3234nas\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP @;;,;,,\nContact: \"\" <> ;,\n\
         Content-Length: {len}\nContent-Type: application/sdp\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "clerr: the body is shorter than it says",
        "INVITE sip:user@example.com SIP/2.0\nMax-Forwards: 80\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=93942939o2\n\
         Contact: <sip:caller@hungry.example.net>\nCall-ID: clerr.0ha0isndaksdjweiafasdk3\nCSeq: 8 INVITE\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bK-39234-23523\nContent-Type: application/sdp\nContent-Length: 9999\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "ncl: a length below nothing",
        "INVITE sip:user@example.com SIP/2.0\nMax-Forwards: 254\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=32394234\n\
         Call-ID: ncl.0ha0isndaksdj2193423r542w35\nCSeq: 0 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nContact: <sip:caller@example53.example.net>\n\
         Content-Type: application/sdp\nContent-Length: -999\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "scalar02: numbers too large, in a request",
        "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bK342sdfoi3\nTo: <sip:user@example.com>\n\
         From: <sip:user@example.com>;tag=239232jh3\nCSeq: 36893488147419103232 REGISTER\nCall-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32\n\
         Max-Forwards: 300\nExpires: 1000000000000000000000000000000000000\nContact: <sip:user@host129.example.com>;expires=280297596632815\nContent-Length: 0\n\n",
        Answer(&[400]),
    ),
    (
        "scalarlg: and in a response",
        "SIP/2.0 503 Service Unavailable\nVia: SIP/2.0/UDP @;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129\nTo: <sip:user@example.com>\n\
         From: <sip:other@example.net>;tag=2easdjfejw\nCSeq: 9292394834772304023312 OPTIONS\nCall-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r\n\
         Retry-After: 949302838503028349304023988\nWarning: 1812 overture \"In Progress\"\nContent-Length: 0\n\n",
        Nothing,
    ),
    (
        "quotbal: a quote that does not end",
        "INVITE sip:user@example.com SIP/2.0\nTo: \"Mr. J. User <sip:j.user@example.com>\nFrom: sip:caller@example.net;tag=93334\n\
         Max-Forwards: 10\nCall-ID: quotbal.aksdj\nContact: <sip:caller@host59.example.net>\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw39234\n\
         Content-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "ltgtruri: angle brackets around the request's address",
        "INVITE <sip:user@example.com> SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=39291\nMax-Forwards: 23\n\
         Call-ID: ltgtruri.1@192.0.2.5\nCSeq: 1 INVITE\nVia: SIP/2.0/UDP @\nContact: <sip:caller@host5.example.net>\n\
         Content-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "lwsruri: space inside it",
        "INVITE sip:user@example.com; lr SIP/2.0\nTo: sip:user@example.com;tag=3xfe-9921883-z9f\nFrom: sip:caller@example.net;tag=231413434\n\
         Max-Forwards: 5\nCall-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423\nCSeq: 2130706432 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw2395\n\
         Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "lwsstart: more than one space between the parts of the request line",
        "INVITE  sip:user@example.com  SIP/2.0\nMax-Forwards: 8\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=8814\n\
         Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com\nCSeq: 1893884 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw3923\n\
         Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "trws: spaces at its end",
        "OPTIONS sip:remote-target@example.com SIP/2.0  \nVia: SIP/2.0/UDP @;branch=z9hG4bK299342093\nTo: <sip:remote-target@example.com>\n\
         From: <sip:local-resource@example.com>;tag=329429089\nCall-ID: trws.oicu34958239neffasdhr2345r\nAccept: application/sdp\n\
         CSeq: 238923 OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n",
        Answer(&[400, 200]),
    ),
    (
        "escruri: headers in the request's address",
        "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=341518\n\
         Max-Forwards: 7\nContact: <sip:caller@host39923.example.net>\nCall-ID: escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5\n\
         CSeq: 149209342 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nContent-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "baddate: a zone other than GMT; whoever does not use the date may pass over it",
        "INVITE sip:user@example.com SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=2234923\nMax-Forwards: 70\n\
         Call-ID: baddate.239423mnsadf3j23lj42--sedfnm234\nCSeq: 1392934 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nDate: Fri, 01 Jan 2010 16:00:00 EST\n\
         Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[400, 401]),
    ),
    (
        "regbadct: a question mark in a Contact without angle brackets",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:user@example.com\nFrom: sip:user@example.com;tag=998332\nMax-Forwards: 70\n\
         Call-ID: regbadct.k345asrl3fdbv@10.0.0.1\nCSeq: 1 REGISTER\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\nl: 0\n\n",
        Answer(&[400]),
    ),
    (
        "badaspec: spaces inside the angle brackets",
        "OPTIONS sip:user@example.org SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdju43234\nMax-Forwards: 70\n\
         From: \"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=433423\nTo: \"Watson, Thomas\" < sip:t.watson@example.org >\n\
         Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3\nAccept: application/sdp\nCSeq: 3923239 OPTIONS\nl: 0\n\n",
        Answer(&[400, 200]),
    ),
    (
        "baddn: a comma in a name without quotes",
        "OPTIONS sip:t.watson@example.org SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nMax-Forwards: 70\n\
         From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\nTo: Watson, Thomas <sip:t.watson@example.org>\nCall-ID: baddn.31415@c.example.com\n\
         Accept: application/sdp\nCSeq: 3923239 OPTIONS\nl: 0\n\n",
        Answer(&[400, 200]),
    ),
    (
        "badvers: another version",
        "OPTIONS sip:t.watson@example.org SIP/7.0\nVia: SIP/7.0/UDP @;branch=z9hG4bKkdjuw\nMax-Forwards: 70\n\
         From: A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe\nTo: T. Watson <sip:t.watson@example.org>\nCall-ID: badvers.31417@c.example.com\nCSeq: 1 OPTIONS\nl: 0\n\n",
        Answer(&[505]),
    ),
    (
        "mismatch01: CSeq names another method",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=34525\nMax-Forwards: 6\n\
         Call-ID: mismatch01.dj0234sxdfl3\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nl: 0\n\n",
        Answer(&[400]),
    ),
    (
        "mismatch02: and the method is unknown",
        "NEWMETHOD sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=34525\nMax-Forwards: 6\n\
         Call-ID: mismatch02.dj0234sxdfl3\nCSeq: 8 INVITE\nContact: <sip:caller@host.example.net>\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Content-Type: application/sdp\nl: {len}\n\n{sdp}",
        Answer(&[400, 501]),
    ),
    (
        "bigcode: a status code as large as a number can be",
        "SIP/2.0 4294967301 better not break the receiver\nVia: SIP/2.0/UDP @;branch=z9hG4bK2398ndaoe\nCall-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i\n\
         CSeq: 353494 INVITE\nFrom: <sip:user@example.com>;tag=39ansfi3\nTo: <sip:user@example.edu>;tag=902jndnke3\nContent-Length: 0\nContact: <sip:user@host105.example.com>\n\n",
        Nothing,
    ),
    // 3.2 transaction
    (
        "badbranch: nothing behind the magic cookie",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.org;tag=33242\nMax-Forwards: 3\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bK\nAccept: application/sdp\nCall-ID: badbranch.sadonfo23i420jv0as0derf3j3n\nCSeq: 8 OPTIONS\nl: 0\n\n",
        Answer(&[200, 400]),
    ),
    // 3.3 application
    (
        "insuf: no Call-ID, From or To",
        "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdj.insuf\nContent-Type: application/sdp\nl: {len}\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "unkscm: a scheme nobody knows",
        "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=384\nMax-Forwards: 3\n\
         Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34\nCSeq: 3923423 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw39234\nContent-Length: 0\n\n",
        Answer(&[416]),
    ),
    (
        "novelsc: a scheme that others use",
        "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=384\nMax-Forwards: 3\n\
         Call-ID: novelsc.asdfasser0q239nwsdfasdkl34\nCSeq: 3923423 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw39234\nContent-Length: 0\n\n",
        Answer(&[416]),
    ),
    (
        "unksm2: unknown schemes in From, To and Contact",
        "REGISTER sip:example.com SIP/2.0\nTo: isbn:2983792873\nFrom: <http://www.example.com>;tag=3234233\nCall-ID: unksm2.daksdj@hyphenated-host.example.com\n\
         CSeq: 234902 REGISTER\nMax-Forwards: 70\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nContact: <name:John_Smith>\nl: 0\n\n",
        Answer(&[400, 404, 416]),
    ),
    (
        "bext01: extensions that nobody has are required",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:j_user@example.com\nFrom: sip:caller@example.net;tag=242etr\nMax-Forwards: 6\n\
         Call-ID: bext01.0ha0isndaksdj\nRequire: nothingSupportsThis, nothingSupportsThisEither\nProxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\n\
         CSeq: 8 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bK-bext01\nContent-Length: 0\n\n",
        Answer(&[420]),
    ),
    (
        "invut: a body of an unknown type",
        "INVITE sip:user@example.com SIP/2.0\nContact: <sip:caller@host5.example.net>\nTo: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=8392034\n\
         Max-Forwards: 70\nCall-ID: invut.0ha0isndaksdjadsfij34n23d\nCSeq: 235448 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Content-Type: application/unknownformat\nContent-Length: 40\n\n<audio>\n <pcmu port=\"443\"/>\n</audio>\n\n",
        Answer(&[415]),
    ),
    (
        "regaut01: an authorization of an unknown kind",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:j.user@example.com\nFrom: sip:j.user@example.com;tag=87321hj23128\nMax-Forwards: 8\n\
         Call-ID: regaut01.0ha0isndaksdj\nCSeq: 9338 REGISTER\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Authorization: NoOneKnowsThisScheme opaque-data=here\nContent-Length:0\n\n",
        Answer(&[401]),
    ),
    (
        "multi01: what may be there once is there twice",
        "INVITE sip:user@company.com SIP/2.0\nContact: <sip:caller@host25.example.net>\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\nMax-Forwards: 70\n\
         CSeq: 5 INVITE\nCall-ID: multi01.98asdh@192.0.2.1\nCSeq: 59 INVITE\nCall-ID: multi01.98asdh@192.0.2.2\nFrom: sip:caller@example.com;tag=3413415\n\
         To: sip:user@example.com\nTo: sip:other@example.net\nFrom: sip:caller@example.net;tag=2923420123\nContent-Type: application/sdp\nl: {len}\n\
         Contact: <sip:caller@host36.example.net>\nMax-Forwards: 5\n\n{sdp}",
        Answer(&[400]),
    ),
    (
        "mcl01: two lengths",
        "OPTIONS sip:user@example.com SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bK293423\nTo: sip:user@example.com\nFrom: sip:other@example.net;tag=3923942\n\
         Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf\nCSeq: 15932 OPTIONS\nContent-Length: 13\nMax-Forwards: 60\nContent-Length: 5\nContent-Type: text/plain\n\n\
         There's no way to know how many octets are supposed to be here.\n",
        Answer(&[400]),
    ),
    (
        "bcast: a response for everybody",
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\n\
         Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf\nCSeq: 35 INVITE\nFrom: sip:user@example.com;tag=11141343\nTo: sip:user@example.edu;tag=2229\n\
         Content-Length: {len}\nContent-Type: application/sdp\nContact: <sip:user@host28.example.com>\n\n{sdp}",
        Nothing,
    ),
    (
        "zeromf: no hop is left, and none is needed",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\nFrom: sip:caller@example.net;tag=3ghsd41\nCall-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas\n\
         CSeq: 39234321 OPTIONS\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw2349i\nMax-Forwards: 0\nContent-Length: 0\n\n",
        Answer(&[200]),
    ),
    (
        "cparam01: an unknown parameter of a Contact",
        "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bKnashds7\nMax-Forwards: 70\nFrom: sip:watson@example.com;tag=DkfVgjkrtMwaerKKpe\n\
         To: sip:watson@example.com\nCall-ID: cparam01.70710@saturn.example.com\nCSeq: 2 REGISTER\nContact: sip:+19725552222@gw1.example.net;unknownparam\nl: 0\n\n",
        Answer(&[401, 403]),
    ),
    (
        "cparam02: one of its address",
        "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP @;branch=z9hG4bKnashds8\nMax-Forwards: 70\nFrom: sip:watson@example.com;tag=838293\n\
         To: sip:watson@example.com\nCall-ID: cparam02.70710@saturn.example.com\nCSeq: 3 REGISTER\nContact: <sip:+19725552222@gw1.example.net;unknownparam>\nl: 0\n\n",
        Answer(&[401, 403]),
    ),
    (
        "regescrt: an escaped header in its address",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:user@example.com\nFrom: sip:user@example.com;tag=8\nMax-Forwards: 70\n\
         Call-ID: regescrt.k345asrl3fdbv@192.0.2.1\nCSeq: 14398234 REGISTER\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         M: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\nL:0\n\n",
        Answer(&[401, 403]),
    ),
    (
        "sdp01: descriptions are not accepted, and there is none in it",
        "INVITE sip:+15550101@example.com SIP/2.0\nTo: sip:j_user@example.com\nContact: <sip:caller@host15.example.net>\nFrom: sip:caller@example.net;tag=234\n\
         Max-Forwards: 5\nCall-ID: sdp01.ndaksdj9342dasdd\nAccept: text/nobodyKnowsThis\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP @;branch=z9hG4bKkdjuw\n\
         Content-Length: {len}\nContent-Type: application/sdp\n\n{sdp}",
        Answer(&[406]),
    ),
    // 3.4 the past
    (
        "inv2543: a request of RFC 2543: no tag, no branch, no Max-Forwards; who does not go back so far may refuse it",
        "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP @\nFrom: sip:caller@example.net\nTo: sip:UserB@example.com\nCall-ID: inv2543.1717@ia.example.com\n\
         CSeq: 56 INVITE\nContact: <sip:caller@host.example.net>\nContent-Type: application/sdp\nContent-Length: {len}\n\n{sdp}",
        Answer(&[404, 400]),
    ),
];

fn longreq() -> String {
    let long = |text: &str, times: usize| text.repeat(times);
    format!(
        "INVITE sip:user@example.com SIP/2.0\nTo: \"I have a user name of {0} proportion\"<sip:user@example.com:6000;unknownparam1=very{1}value;\
         longparam{2}name=shortvalue;very{1}ParameterNameWithNoValue>\nF: sip:{3}@example.net;tag=12{4}424;unknownheaderparam{5}name=unknowheaderparam{1}value;\
         unknownValueless{6}ParameterName\nCall-ID: longreq.one{7}longcallid\nCSeq: 3882340 INVITE\nUnknown-{8}-Name: unknown-{8}-value; unknown-{8}-parameter-name = unknown-{8}-parameter-value\n\
         Via: SIP/2.0/UDP @;branch=z9hG4bKlongreq\n{9}Max-Forwards: 70\nContact: <sip:amazinglylongcallername{10}@host5.example.net>\nContent-Type: application/sdp\nl: {{len}}\n\n{{sdp}}",
        long("extreme", 10),
        long("long", 20),
        long("long", 25),
        long("amazinglylongcallername", 5),
        long("982", 50),
        long("long", 20),
        long("long", 15),
        long("really", 20),
        long("long", 20),
        long(&format!("v: SIP/2.0/TCP sip33.example.com;branch=very{}branchvalue\n", long("long", 12)), 34),
        long("amazinglylongcallername", 5),
    )
}

/// The message as it is sent, answers coming to `local`.
fn wire(name: &str, template: &str, local: &str) -> Vec<u8> {
    let template = if name.starts_with("longreq") { longreq() } else { template.to_owned() };
    let sdp = SDP.replace('\n', "\r\n");
    let text = template.replace('\n', "\r\n").replace("{len}", &sdp.len().to_string()).replace("{sdp}", &sdp);
    // The first one alone: an @ of an address has something before it.
    text.replacen("UDP @", &format!("UDP {local}"), 2)
        .replace("    @;", &format!("    {local};"))
        .into_bytes()
}

fn comes(socket: &UdpSocket, within: Duration) -> Option<String> {
    socket.set_read_timeout(Some(within)).unwrap();
    let mut datagram = vec![0; 65_535];
    loop {
        let (length, _) = socket.recv_from(&mut datagram).ok()?;
        let text = String::from_utf8_lossy(&datagram[..length]).into_owned();
        if !text.starts_with("SIP/2.0 1") {
            return Some(text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_torture_messages_of_rfc_4475_are_answered_as_it_asks_and_survived() {
    let centre = Centre::start().await;
    let mut wrong = Vec::new();

    for (name, template, wanted) in MESSAGES {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let local = socket.local_addr().unwrap().to_string();
        socket.send_to(&wire(name, template, &local), &centre.sip).unwrap();
        let (patience, codes) = match wanted {
            Answer(codes) => (Duration::from_secs(3), codes),
            Nothing => (Duration::from_millis(150), [].as_slice()),
        };
        let answer = comes(&socket, patience);
        let code = answer.as_deref().and_then(|answer| answer.split(' ').nth(1)?.parse::<u16>().ok());
        if code.is_some_and(|code| !codes.contains(&code)) || (code.is_none() && !codes.is_empty()) {
            wrong.push(format!("{name}: {wanted:?} wanted, got {answer:?}"));
        }
        let names = |header: &str| answer.as_deref().is_some_and(|answer| answer.contains(header));
        match code {
            Some(420) => {
                assert!(names("Unsupported: nothingSupportsThis, nothingSupportsThisEither"), "{answer:?}");
            }
            Some(415) => assert!(names("Accept: application/sdp"), "{answer:?}"),
            Some(405) => assert!(names("Allow: "), "{answer:?}"),
            _ => {}
        }
        // Another answer would be to the second request behind the first.
        if name.starts_with("dblreq") {
            assert!(comes(&socket, Duration::from_millis(300)).is_none(), "{name}");
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    assert!(caller.listen(&[]).0 > 100, "the server lives, music is heard");
    assert_eq!(centre.names().iter().filter(|name| **name == "interaction_started").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_torture_messages_are_survived_on_connections_too_and_get_no_other_answers() {
    let centre = Centre::start().await;
    let (mut wrong, mut answered) = (Vec::new(), 0);

    // A second request behind the first is no request in a datagram, and one on a connection.
    for (name, template, wanted) in MESSAGES.into_iter().filter(|(name, ..)| !name.starts_with("dblreq")) {
        let mut stream = TcpStream::connect(&centre.sip).unwrap();
        let local = stream.local_addr().unwrap().to_string();
        stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
        let _ = stream.write_all(&wire(name, template, &local));
        let (mut text, mut chunk) = (String::new(), [0; 8_192]);
        let code = loop {
            let finals = text.split("SIP/2.0 ").skip(1).filter_map(|rest| rest.get(..3)?.parse::<u16>().ok());
            if let Some(code) = finals.into_iter().find(|code| *code >= 200) {
                break Some(code);
            }
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => break None,
                Ok(length) => text.push_str(&String::from_utf8_lossy(&chunk[..length])),
            }
        };
        answered += usize::from(code.is_some());
        let codes = match wanted {
            Answer(codes) => codes,
            Nothing => &[],
        };
        if code.is_some_and(|code| !codes.contains(&code)) {
            wrong.push(format!("{name}: {wanted:?} wanted, got {text}"));
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answered >= 35, "{answered}");
    let mut caller = Phone::open_with(json!({"server": centre.sip, "user": "+15550123", "transport": "tcp"}));
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    assert!(caller.listen(&[]).0 > 100, "the server lives, music is heard");
}
